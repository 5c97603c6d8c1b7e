/** A convolution without groups, as it comes out right on every device. */
import type { Attribute } from "../onnx/proto.ts";
import type { Emitter } from "../graph/value.ts";

/**
 * Conv of X [N, c, ...] with W [k, c, kh, kw].
 *
 * ONNX Runtime's WebGPU takes a shader for three input channels wherever 3 divides c and 4 divides k, and gets wrong results from six
 * on (microsoft/onnxruntime issue 29651; seen in 1.30 with c = 6 and 9). Channels of zeros make c a multiple of 4 there.
 */
export function emitConv(
  e: Emitter,
  [x, w, ...bias]: readonly [x: string, w: string, bias?: string],
  attributes: Readonly<Record<string, Attribute>>,
  [k = 1, c = 1, kh = 1, kw = 1]: readonly number[],
): string {
  const rest = bias.filter((name) => name !== undefined);
  const right = c <= 3 || c % 3 !== 0 || c % 4 === 0 || k % 4 !== 0 || kh * kw === 1;
  if (e.target === "cpu" || right) return e.op("Conv", [x, w, ...rest], attributes);
  const pads = e.ints([0, 0, 0, 0, 0, 4 - (c % 4), 0, 0]);
  return e.op("Conv", [e.op("Pad", [x, pads]), e.op("Pad", [w, pads]), ...rest], attributes);
}

/** Weights stored as float16: half the file, the same float32 arithmetic. */
import type { OnnxModel, OnnxNode, OnnxTensor } from "../onnx/proto.ts";
import { ELEMENT_TYPE } from "../onnx/proto.ts";

/** Smaller tensors stay as they are: they take no room, and scales and biases gain from their digits. */
const leastValues = 256;
/** The largest float16. */
const mostFloat16 = 65504;

/**
 * The model with its large float32 constants stored as float16, each turned back by a Cast. A tensor with a value that float16 cannot
 * hold stays float32.
 */
export function withFloat16Weights(model: OnnxModel): OnnxModel {
  const initializers = new Map<string, OnnxTensor>();
  const casts: OnnxNode[] = [];
  // Scales of whole numbers are matched by the engine as they stand.
  const scales = new Set(
    model.nodes.flatMap(({ opType, inputs }) =>
      opType === "QuantizeLinear" || opType === "DequantizeLinear" ? inputs : [],
    ),
  );
  for (const [name, value] of model.initializers) {
    const { data, shape } = value;
    const fits =
      data instanceof Float32Array &&
      !scales.has(name) &&
      data.length >= leastValues &&
      data.every((v) => Math.abs(v) <= mostFloat16);
    if (!fits) {
      initializers.set(name, value);
      continue;
    }
    const half = `${name}/float16`;
    initializers.set(half, { dtype: "float16", shape, data: float16Bits(data) });
    casts.push({
      ...{ opType: "Cast", inputs: [half], outputs: [name], name: `weights/${name}` },
      attributes: { to: { int: ELEMENT_TYPE.float32 } },
    });
  }
  return { ...model, nodes: [...casts, ...model.nodes], initializers };
}

/** The bits of the nearest float16 of each value, ties to even. Values are at most 65504 in size. */
export function float16Bits(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const size = Math.abs(values[i]!);
    result[i] = sign | (size < 2 ** -14 ? toEven(size * 2 ** 24) : normal(bits[i]!));
  }
  return result;
}

/** Exponent and fraction of a float32 as those of a float16; a carry runs into the exponent, as it should. */
const normal = (bits: number): number =>
  toEven(((bits & 0x7fffffff) - ((127 - 15) << 23)) / 2 ** 13);

/** The nearest whole number, of two the even one. */
function toEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

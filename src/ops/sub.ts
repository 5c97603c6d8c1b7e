/** Elementwise Y = A - B, with broadcasting. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";
import { neg } from "./neg.ts";

/**
 * Y = A - B, elementwise.
 *
 * @param a  any shape
 * @param b  any shape that broadcasts against `a`
 * @returns  the broadcast shape
 * @throws {ShapeError} if the shapes do not broadcast.
 * @see https://onnx.ai/onnx/operators/onnx__Sub.html
 */
export const sub = (a: Value, b: Value): Value => apply(subOp, [a, b]);

const subOp = defineOp<[a: Value, b: Value]>({
  name: "sub",
  infer: ([a, b]) => inferBroadcast(a, b),
  emit: (e, inputs) => e.op("Sub", inputs),
  // dA = dY, dB = -dY
  grad: (_inputs, dy, { needs }) => [dy, needs(1) ? neg(dy) : null],
});

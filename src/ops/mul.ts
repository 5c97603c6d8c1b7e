/** Elementwise Y = A B, with broadcasting. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";

/**
 * Y = A B, elementwise.
 *
 * @param a  any shape
 * @param b  any shape that broadcasts against `a`
 * @returns  the broadcast shape
 * @throws {ShapeError} if the shapes do not broadcast.
 * @see https://onnx.ai/onnx/operators/onnx__Mul.html
 */
export const mul = (a: Value, b: Value): Value => apply(mulOp, [a, b]);

const mulOp = defineOp<[a: Value, b: Value]>({
  name: "mul",
  infer: ([a, b]) => inferBroadcast(a, b),
  emit: (e, inputs) => e.op("Mul", inputs),
  // dA = dY B, dB = dY A
  grad: ([a, b], dy, { needs }) => [needs(0) ? mul(dy, b) : null, needs(1) ? mul(dy, a) : null],
});

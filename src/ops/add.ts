/** Elementwise Y = A + B, with broadcasting. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";

/**
 * Y = A + B, elementwise.
 *
 * @param a  any shape
 * @param b  any shape that broadcasts against `a`
 * @returns  the broadcast shape
 * @throws {ShapeError} if the shapes do not broadcast.
 * @see https://onnx.ai/onnx/operators/onnx__Add.html
 */
export const add = (a: Value, b: Value): Value => apply(addOp, [a, b]);

const addOp = defineOp<[a: Value, b: Value]>({
  name: "add",
  infer: ([a, b]) => inferBroadcast(a, b),
  emit: (e, inputs) => e.op("Add", inputs),
  // dA = dB = dY
  grad: (_inputs, dy) => [dy, dy],
});

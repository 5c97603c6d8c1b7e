/** Elementwise Y = -X. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = -X, elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Neg.html
 */
export const neg = (x: Value): Value => apply(negOp, [x]);

const negOp = defineOp<[x: Value]>({
  name: "neg",
  infer: inferSame,
  emit: (e, inputs) => e.op("Neg", inputs),
  // dX = -dY
  grad: (_inputs, dy) => [neg(dy)],
});

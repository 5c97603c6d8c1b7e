/** Elementwise Y = e^X. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";

/**
 * Y = e^X, elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Exp.html
 */
export const exp = (x: Value): Value => apply(expOp, [x]);

const expOp = defineOp<[x: Value]>({
  name: "exp",
  infer: inferSame,
  emit: (e, inputs) => e.op("Exp", inputs),
  // dX = dY Y
  grad: (_inputs, dy, { output }) => [mul(dy, output)],
});

/** Elementwise Y = ln(X). */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";
import { div } from "./div.ts";

/**
 * Y = ln(X), elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Log.html
 */
export const log = (x: Value): Value => apply(logOp, [x]);

const logOp = defineOp<[x: Value]>({
  name: "log",
  infer: inferSame,
  emit: (e, inputs) => e.op("Log", inputs),
  // dX = dY / X
  grad: ([x], dy) => [div(dy, x)],
});

/** Elementwise Y = ln(1 + exp(X)). */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";

/**
 * Y = ln(1 + exp(X)), elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Softplus.html
 */
export const softplus = (x: Value): Value => apply(softplusOp, [x]);

const softplusOp = defineOp<[x: Value]>({
  name: "softplus",
  infer: inferSame,
  emit: (e, inputs) => e.op("Softplus", inputs),
  // dX = dY s(X)
  grad: ([x], dy) => [mul(dy, sigmoid(x))],
});

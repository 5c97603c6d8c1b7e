/** Logarithm of the softmax over the last axis. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

/**
 * Y_i = X_i - log sum over j of exp(X_j), over the last axis; finite where the logarithm of a softmax that underflows is not.
 *
 * @param x  [..., K]
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__LogSoftmax.html
 */
export const logSoftmax = (x: Value): Value => apply(logSoftmaxOp, [x]);

const logSoftmaxOp = defineOp<[x: Value]>({
  name: "logSoftmax",
  infer: inferSame,
  emit: (e, inputs) => e.op("LogSoftmax", inputs, { axis: { int: -1 } }),
  // dX = dY - softmax(X) (sum over the last axis of dY)
  grad: ([x], dy) => [sub(dy, mul(softmax(x), sum(dy, [-1], true)))],
});

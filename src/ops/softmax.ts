/** Softmax over the last axis. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y_i = exp(X_i) / sum over j of exp(X_j), over the last axis: the only one that ONNX Runtime computes fast.
 *
 * @param x  [..., K]
 * @returns  the same shape; each row sums to 1
 * @see https://onnx.ai/onnx/operators/onnx__Softmax.html
 */
export const softmax = (x: Value): Value => apply(softmaxOp, [x]);

const softmaxOp = defineOp<[x: Value]>({
  name: "softmax",
  infer: inferSame,
  emit: (e, inputs) => e.op("Softmax", inputs, { axis: { int: -1 } }),
  grad: (_inputs, dy, { output }) => [apply(softmaxGradOp, [output, dy])],
});

// dX = Y (dY - sum over the last axis of dY Y)
const softmaxGradOp = defineOp<[y: Value, dy: Value]>({
  name: "softmaxGrad",
  infer: inferSame,
  emit(e, [y, dy]) {
    const product = e.op("Mul", [y, dy]);
    const total = e.op("ReduceSum", [product, e.ints([-1])], { keepdims: { int: 1 } });
    return e.op("Sub", [product, e.op("Mul", [y, total])]);
  },
  grad: noSecondDerivative("softmaxGrad"),
});

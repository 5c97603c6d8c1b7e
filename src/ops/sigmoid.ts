/** Elementwise s(X) = 1 / (1 + exp(-X)). */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * s(X) = 1 / (1 + exp(-X)), elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Sigmoid.html
 */
export const sigmoid = (x: Value): Value => apply(sigmoidOp, [x]);

const sigmoidOp = defineOp<[x: Value]>({
  name: "sigmoid",
  infer: inferSame,
  emit: (e, inputs) => e.op("Sigmoid", inputs),
  grad: ([], dy, { output }) => [apply(sigmoidGradOp, [output, dy])],
});

// dX = dY Y (1 - Y)
const sigmoidGradOp = defineOp<[y: Value, dy: Value]>({
  name: "sigmoidGrad",
  infer: inferSame,
  emit(e, [y, dy]) {
    const rest = e.op("Sub", [e.scalar(1), y]);
    return e.op("Mul", [e.op("Mul", [dy, y]), rest]);
  },
  grad: noSecondDerivative("sigmoidGrad"),
});

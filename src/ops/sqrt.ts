/** Square root. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = sqrt(X), elementwise, for X >= 0; the derivative at 0 is finite, so that 0 times it is 0.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Sqrt.html
 */
export const sqrt = (x: Value): Value => apply(sqrtOp, [x]);

const sqrtOp = defineOp<[x: Value]>({
  name: "sqrt",
  infer: inferSame,
  emit: (e, inputs) => e.op("Sqrt", inputs),
  grad: (_inputs, dy, { output }) => [apply(sqrtGradOp, [output, dy])],
});

// dX = dY / (2 Y), the divisor kept above what float32 can square.
const sqrtGradOp = defineOp<[y: Value, dy: Value]>({
  name: "sqrtGrad",
  infer: inferSame,
  emit(e, [y, dy]) {
    const divisor = e.op("Max", [y, e.scalar(1e-18)]);
    return e.op("Mul", [e.op("Div", [dy, divisor]), e.scalar(0.5)]);
  },
  grad: noSecondDerivative("sqrtGrad"),
});

/** Elementwise Y = X/2 (1 + erf(X / sqrt 2)). */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = X/2 (1 + erf(X / sqrt 2)), elementwise. The exact form, as PyTorch's default.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Gelu.html
 */
export const gelu = (x: Value): Value => apply(geluOp, [x]);

const geluOp = defineOp<[x: Value]>({
  name: "gelu",
  infer: inferSame,
  emit: (e, inputs) => e.op("Gelu", inputs, {}, "com.microsoft"),
  grad: ([x], dy) => [apply(geluGradOp, [x, dy])],
});

// dX = dY (Phi(X) + X phi(X)), Phi and phi the normal distribution and density
const geluGradOp = defineOp<[x: Value, dy: Value]>({
  name: "geluGrad",
  infer: inferSame,
  // With s = X / sqrt 2: Phi = clip(erf(s) / 2 + 1/2), X phi = s / (sqrt pi exp(s^2)), which is 0 where exp overflows.
  emit(e, [x, dy]) {
    const s = e.op("Mul", [x, e.scalar(Math.SQRT1_2)]);
    const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    const distribution = e.op("HardSigmoid", [e.op("Erf", [s])], half);
    const bell = e.op("Div", [s, e.op("Exp", [e.op("Mul", [s, s])])]);
    const density = e.op("Mul", [bell, e.scalar(1 / Math.sqrt(Math.PI))]);
    return e.op("Mul", [dy, e.op("Add", [distribution, density])]);
  },
  grad: noSecondDerivative("geluGrad"),
});

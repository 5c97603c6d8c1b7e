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
  emit(e, [x = "", dy = ""]) {
    const erf = e.op("Erf", [e.op("Mul", [x, e.scalar(Math.SQRT1_2)])]);
    const cdf = e.op("Add", [e.op("Mul", [erf, e.scalar(0.5)]), e.scalar(0.5)]);
    const square = e.op("Mul", [x, x]);
    const density = e.op("Exp", [e.op("Mul", [square, e.scalar(-0.5)])]);
    const slope = e.op("Mul", [e.op("Mul", [x, density]), e.scalar(1 / Math.sqrt(2 * Math.PI))]);
    return e.op("Mul", [dy, e.op("Add", [cdf, slope])]);
  },
  grad: noSecondDerivative("geluGrad"),
});

/** Elementwise Y = X clip(X / 6 + 1/2, 0, 1). */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = X clip(X / 6 + 1/2, 0, 1), elementwise: 0 up to -3, X from 3 on. Its derivative jumps at both places, where it is taken as 0
 * and 1.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see Howard et al. 2019, MobileNetV3; https://onnx.ai/onnx/operators/onnx__HardSwish.html
 */
export const hardswish = (x: Value): Value => apply(hardswishOp, [x]);

const gate = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };

const hardswishOp = defineOp<[x: Value]>({
  name: "hardswish",
  infer: inferSame,
  emit: (e, [x]) => e.op("Mul", [x, e.op("HardSigmoid", [x], gate)]),
  grad: ([x], dy) => [apply(hardswishGradOp, [x, dy])],
});

// dX = 0 up to -3, dY (X / 3 + 1/2) between, dY from 3 on
const hardswishGradOp = defineOp<[x: Value, dy: Value]>({
  name: "hardswishGrad",
  infer: inferSame,
  emit(e, [x, dy]) {
    const inside = e.op("Less", [e.op("Abs", [x]), e.scalar(3)]);
    const slope = e.op("Add", [e.op("Mul", [x, e.scalar(1 / 3)]), e.scalar(0.5)]);
    // Outside, the gate is the derivative: 0 or 1.
    const outside = e.op("HardSigmoid", [x], gate);
    return e.op("Mul", [dy, e.op("Where", [inside, slope, outside])]);
  },
  grad: noSecondDerivative("hardswishGrad"),
});

/** Leaky ReLU. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = X where X > 0, else slope X.
 *
 * @param x      any shape
 * @param slope  positive; PyTorch's default is 0.01
 * @returns      the same shape
 * @see https://onnx.ai/onnx/operators/onnx__LeakyRelu.html
 */
export const leakyRelu = (x: Value, slope: number): Value => apply(leakyReluOp, [x], { slope });

const leakyReluOp = defineOp<[x: Value], { slope: number }>({
  name: "leakyRelu",
  infer: inferSame,
  emit: (e, inputs, { slope }) => e.op("LeakyRelu", inputs, { alpha: { float: slope } }),
  // The output has the sign of the input, so it serves as well and the input can be freed.
  grad: (_inputs, dy, { output, attributes }) => [apply(leakyReluGradOp, [output, dy], attributes)],
});

// dX = dY where Y > 0, else slope dY
const leakyReluGradOp = defineOp<[y: Value, dy: Value], { slope: number }>({
  name: "leakyReluGrad",
  infer: inferSame,
  emit(e, [y, dy], { slope }) {
    const positive = e.op("Greater", [y, e.scalar(0)]);
    return e.op("Where", [positive, dy, e.op("Mul", [dy, e.scalar(slope)])]);
  },
  grad: noSecondDerivative("leakyReluGrad"),
});

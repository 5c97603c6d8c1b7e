/** Elementwise Y = max(X, 0). */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = max(X, 0), elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see https://onnx.ai/onnx/operators/onnx__Relu.html
 */
export const relu = (x: Value): Value => apply(reluOp, [x]);

const reluOp = defineOp<[x: Value]>({
  name: "relu",
  infer: inferSame,
  emit: (e, inputs) => e.op("Relu", inputs),
  grad: ([], dy, { output }) => [apply(reluGradOp, [output, dy])],
});

// dX = dY where Y > 0, else 0; at X = 0 the derivative is 0
const reluGradOp = defineOp<[y: Value, dy: Value]>({
  name: "reluGrad",
  infer: inferSame,
  // The mask is a clipped 1e38 Y: 0 or 1 in one pass, where a comparison and a selection take two.
  emit(e, [y, dy]) {
    const mask = e.op("HardSigmoid", [y], { alpha: { float: 1e38 }, beta: { float: 0 } });
    return e.op("Mul", [dy, mask]);
  },
  grad: noSecondDerivative("reluGrad"),
});

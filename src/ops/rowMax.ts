/** Largest entry of each row, taken as a constant by gradients. */
import { apply, defineOp, type Value } from "../graph/value.ts";

/**
 * Y = max over the last axis, kept as size 1; its derivative is taken as 0.
 *
 * For shifts that cancel inside a softmax, where the true derivative cancels as well.
 *
 * @see https://onnx.ai/onnx/operators/onnx__ReduceMax.html
 */
export const rowMax = (x: Value): Value => apply(rowMaxOp, [x]);

const rowMaxOp = defineOp<[x: Value]>({
  name: "rowMax",
  infer: ([x]) => ({ dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }),
  emit: (e, inputs) => e.op("ReduceMax", inputs, { axes: { ints: [-1] }, keepdims: { int: 1 } }),
  grad: () => [null],
});

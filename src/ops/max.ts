/** Largest entry along axes. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { axisOf } from "../tensor/shape.ts";

/**
 * Y = max over `axes`, which keep size 1. Equal largest entries share the gradient.
 *
 * @throws {ShapeError} if an axis does not exist.
 * @see https://onnx.ai/onnx/operators/onnx__ReduceMax.html
 */
export const max = (x: Value, axes: readonly number[]): Value =>
  apply(maxOp, [x], { axes: axes.map((axis) => axisOf(axis, x.shape.length)) });

const maxOp = defineOp<[x: Value], { axes: readonly number[] }>({
  name: "max",
  infer: ([x], { axes }) => ({
    dtype: x.dtype,
    shape: x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  }),
  emit: (e, inputs, { axes }) =>
    e.op("ReduceMax", inputs, { axes: { ints: axes }, keepdims: { int: 1 } }),
  grad: ([x], dy, { output, attributes }) => [apply(maxGradOp, [x, output, dy], attributes)],
});

// dX = dY [X = Y] / (number of entries equal to Y)
const maxGradOp = defineOp<[x: Value, y: Value, dy: Value], { axes: readonly number[] }>({
  name: "maxGrad",
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  emit(e, [x, y, dy], { axes }) {
    const largest = e.op("Cast", [e.op("Equal", [x, y])], { to: { int: 1 } });
    const count = e.op("ReduceSum", [largest, e.ints(axes)], { keepdims: { int: 1 } });
    return e.op("Mul", [largest, e.op("Div", [dy, count])]);
  },
  grad: noSecondDerivative("maxGrad"),
});

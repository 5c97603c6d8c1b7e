/** Sum over axes. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { axisOf, sizeOf, type Shape } from "../tensor/shape.ts";
import { div } from "./div.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { scalar } from "./scalar.ts";

/**
 * Sum over `axes` (default: all); summed axes keep size 1 with `keepDims`, else they go.
 *
 * @throws {ShapeError} if an axis does not exist.
 * @see https://onnx.ai/onnx/operators/onnx__ReduceSum.html
 */
export function sum(
  x: Value,
  axes: readonly number[] = x.shape.map((_, i) => i),
  keepDims = false,
): Value {
  // ReduceSum takes an empty list for "all axes".
  if (axes.length === 0) return x;
  return apply(sumOp, [x], { axes: axes.map((axis) => axisOf(axis, x.shape.length)), keepDims });
}

/** Mean over `axes`: the sum divided by the number of elements. */
export function mean(x: Value, axes?: readonly number[], keepDims = false): Value {
  const total = sum(x, axes, keepDims);
  return div(total, scalar(sizeOf(x.shape) / sizeOf(total.shape)));
}

/** Sums over the axes along which `shape` was broadcast to the shape of `x`. */
export function sumTo(x: Value, shape: Shape): Value {
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, i) => i)
    .filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return axes.length || lead ? reshape(axes.length ? sum(x, axes, true) : x, shape) : x;
}

const sumOp = defineOp<[x: Value], { axes: readonly number[]; keepDims: boolean }>({
  name: "sum",
  infer([x], { axes, keepDims }) {
    const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    return { dtype: x.dtype, shape: keepDims ? shape : shape.filter((_, i) => !axes.includes(i)) };
  },
  emit: (e, [x], { axes, keepDims }) =>
    e.op("ReduceSum", [x, e.ints(axes)], { keepdims: { int: keepDims ? 1 : 0 } }),
  // Every summand gets dY.
  grad([x], dy, { attributes: { axes } }) {
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    return [expand(reshape(dy, kept), x.shape)];
  },
});

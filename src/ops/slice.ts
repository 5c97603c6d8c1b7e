/** A range of one axis, and cutting an axis into ranges. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { InternalError, ShapeError } from "../base/errors.ts";
import { axisOf } from "../tensor/shape.ts";
import { padZeros } from "./padZeros.ts";

/**
 * Y = X[..., start:end, ...] along `axis`.
 *
 * @param start  first index, 0 or more
 * @param end    one past the last index
 * @throws {ShapeError} unless 0 <= start < end <= size.
 * @see https://onnx.ai/onnx/operators/onnx__Slice.html
 */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const at = axisOf(axis, x.shape.length);
  return start === 0 && end === x.shape[at] ? x : apply(sliceOp, [x], { axis: at, start, end });
}

/**
 * Cuts `x` along `axis` into parts of these sizes.
 *
 * @throws {ShapeError} if the sizes do not add up to the axis.
 */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const at = axisOf(axis, x.shape.length);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== x.shape[at]) {
    throw new ShapeError(`split: sizes must add up to ${x.shape[at]}, got ${total}`);
  }
  let start = 0;
  return sizes.map((size) => slice(x, at, start, (start += size)));
}

const sliceOp = defineOp<[x: Value], { axis: number; start: number; end: number }>({
  name: "slice",
  infer([x], { axis, start, end }) {
    const size = x.shape[axis] ?? 0;
    if (!(start >= 0 && start < end && end <= size)) {
      throw new ShapeError(`range must lie within 0..${size}, got ${start}..${end}`);
    }
    return { dtype: x.dtype, shape: x.shape.map((d, i) => (i === axis ? end - start : d)) };
  },
  emit: (e, [x], { axis, start, end }) =>
    e.op("Slice", [x, e.ints([start]), e.ints([end]), e.ints([axis])]),
  // Zeros everywhere else; `accumulate` (accumulate.ts) joins the parts of a split without adding zeros.
  grad([x], dy, { attributes: { axis, start, end } }) {
    const size = x.shape[axis];
    if (size === undefined) throw new InternalError(`slice: axis ${axis} is gone`);
    return [padZeros(dy, axis, start, size - end)];
  },
});

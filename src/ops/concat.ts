/** Joining along an axis. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { axisOf, showShape } from "../tensor/shape.ts";
import { slice } from "./slice.ts";

/**
 * Joins values along `axis`.
 *
 * @param values  at least one; equal shapes but for `axis`
 * @throws {ShapeError} if another dimension or a dtype differs.
 * @see https://onnx.ai/onnx/operators/onnx__Concat.html
 */
export const concat = (values: readonly Value[], axis: number): Value =>
  apply(concatOp, values, { axis: axisOf(axis, values[0]?.shape.length ?? 0) });

const concatOp = defineOp<readonly Value[], { axis: number }>({
  name: "concat",
  infer(values, { axis }) {
    const first = values[0]!;
    for (const v of values) {
      if (v.dtype !== first.dtype) {
        throw new ShapeError(`dtypes must be equal, got ${first.dtype} and ${v.dtype}`);
      }
      const fits = v.shape.length === first.shape.length;
      if (!fits || v.shape.some((d, i) => i !== axis && d !== first.shape[i])) {
        throw new ShapeError(
          `shapes must be equal but for axis ${axis}, got ${showShape(first.shape)} and ${showShape(v.shape)}`,
        );
      }
    }
    const total = values.reduce((size, v) => size + v.shape[axis]!, 0);
    return { dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? total : d)) };
  },
  emit: (e, inputs, { axis }) => e.op("Concat", inputs, { axis: { int: axis } }),
  // Each part gets its slice of dY.
  grad(values, dy, { attributes: { axis }, needs }) {
    let start = 0;
    return values.map((v, i) => {
      const end = start + v.shape[axis]!;
      const part = needs(i) ? slice(dy, axis, start, end) : null;
      start = end;
      return part;
    });
  },
});

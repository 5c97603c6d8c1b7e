/** Permutation of axes. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";

/**
 * Y[i_p(0), i_p(1), ...] = X[i_0, i_1, ...]: axis `j` of the result is axis `permutation[j]` of `x`.
 *
 * @throws {ShapeError} if `permutation` does not hold every axis once.
 * @see https://onnx.ai/onnx/operators/onnx__Transpose.html
 */
export const transpose = (x: Value, permutation: readonly number[]): Value =>
  apply(transposeOp, [x], { permutation });

/** Swaps the last two axes: the transpose of each matrix. */
export function transposeLast2(x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

const transposeOp = defineOp<[x: Value], { permutation: readonly number[] }>({
  name: "transpose",
  infer([x], { permutation }) {
    const axes = [...permutation].sort((a, b) => a - b);
    if (axes.length !== x.shape.length || axes.some((axis, i) => axis !== i)) {
      throw new ShapeError(
        `permutation must hold each of ${x.shape.length} axes once, got [${permutation.join(", ")}]`,
      );
    }
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]!) };
  },
  emit: (e, inputs, { permutation }) => e.op("Transpose", inputs, { perm: { ints: permutation } }),
  grad(_inputs, dy, { attributes: { permutation } }) {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(dy, inverse)];
  },
});

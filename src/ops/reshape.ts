/** The same elements under another shape. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf, showShape, type Shape } from "../tensor/shape.ts";

/**
 * The elements of `x`, in the same order, as `shape`.
 *
 * @throws {ShapeError} if the number of elements differs.
 * @see https://onnx.ai/onnx/operators/onnx__Reshape.html
 */
export const reshape = (x: Value, shape: Shape): Value => apply(reshapeOp, [x], { shape });

const reshapeOp = defineOp<[x: Value], { shape: Shape }>({
  name: "reshape",
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `${showShape(shape)} must hold ${sizeOf(x.shape)} elements, got ${sizeOf(shape)}`,
      );
    }
    return { dtype: x.dtype, shape };
  },
  emit: (e, [x], { shape }) => e.op("Reshape", [x, e.ints(shape)]),
  grad: ([x], dy) => [reshape(dy, x.shape)],
});

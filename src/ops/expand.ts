/** Broadcasting to a given shape. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { broadcast, sameShape, showShape, type Shape } from "../tensor/shape.ts";

/**
 * Repeats `x` along its axes of size 1 until it has `shape`.
 *
 * @throws {ShapeError} if `x` does not broadcast to `shape`.
 * @see https://onnx.ai/onnx/operators/onnx__Expand.html
 */
export const expand = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(expandOp, [x], { shape });

const expandOp = defineOp<[x: Value], { shape: Shape }>({
  name: "expand",
  infer([x], { shape }) {
    if (!sameShape(broadcast(x.shape, shape), shape)) {
      throw new ShapeError(`must broadcast to ${showShape(shape)}, got ${showShape(x.shape)}`);
    }
    return { dtype: x.dtype, shape };
  },
  emit: (e, [x], { shape }) => e.op("Expand", [x, e.ints(shape)]),
  // backward() sums over the repeated axes.
  grad: (_inputs, dy) => [dy],
});

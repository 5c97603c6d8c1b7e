/** The reverse order along an axis. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { axisOf } from "../tensor/shape.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y[..., i, ...] = X[..., size - 1 - i, ...] along `axis`.
 *
 * @throws {ShapeError} if the axis does not exist.
 * @see https://onnx.ai/onnx/operators/onnx__Slice.html
 */
export const flip = (x: Value, axis: number): Value =>
  apply(flipOp, [x], { axis: axisOf(axis, x.shape.length) });

const flipOp = defineOp<[x: Value], { axis: number }>({
  name: "flip",
  infer: inferSame,
  emit: (e, [x], { axis }) =>
    e.op("Slice", [x, e.ints([-1]), e.ints([-(2 ** 31)]), e.ints([axis]), e.ints([-1])]),
  grad: (_inputs, dy, { attributes: { axis } }) => [flip(dy, axis)],
});

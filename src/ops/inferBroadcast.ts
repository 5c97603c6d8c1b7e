/** Shape inference that the elementwise operators share. */
import type { TensorType, Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { broadcast } from "../tensor/shape.ts";

/** The broadcast shape of all operands. @throws {ShapeError} if dtypes differ or shapes do not broadcast. */
export function inferBroadcast(...values: readonly Value[]): TensorType {
  const dtype = values[0]?.dtype ?? "float32";
  if (values.some((v) => v.dtype !== dtype)) {
    throw new ShapeError(`dtypes must be equal, got ${values.map((v) => v.dtype).join(" and ")}`);
  }
  return { dtype, shape: broadcast(...values.map((v) => v.shape)) };
}

/** The type of the only operand. */
export const inferSame = ([x]: readonly [Value, ...Value[]]): TensorType => ({
  dtype: x.dtype,
  shape: x.shape,
});

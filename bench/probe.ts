/** Makes a session compute a value without handing all of it out. */
import type { Value } from "../src/graph/value.ts";
import { reshape } from "../src/ops/reshape.ts";
import { slice } from "../src/ops/slice.ts";
import { sizeOf } from "../src/tensor/shape.ts";

/**
 * The first element of `x`, [1]. The engine computes all of `x` for it, but copies only this: an output costs about a millisecond a
 * megabyte, which would hide the operator.
 */
export const probe = (x: Value): Value => slice(reshape(x, [sizeOf(x.shape)]), 0, 0, 1);

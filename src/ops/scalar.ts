/** A number as a value. */
import { constant, type Value } from "../graph/value.ts";
import { tensor } from "../tensor/tensor.ts";

/** A float32 constant of shape []. */
export const scalar = (value: number): Value => constant(tensor([], [value]));

/** Sum of several values of one shape. */
import { apply, defineOp, type Emitter, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";

/**
 * Y = X_1 + X_2 + ..., elementwise.
 *
 * @param values  at least one, equal shapes
 */
export const sumOf = (values: readonly Value[]): Value => apply(sumOfOp, values);

const sumOfOp = defineOp<readonly Value[]>({
  name: "sumOf",
  infer: (values) => inferBroadcast(...values),
  emit: emitSum,
  grad: (values, dy) => values.map(() => dy),
});

/** X_1 + X_2 + ..., pair by pair: WebGPU has no Sum, and the CPU's does the same. */
export function emitSum(e: Emitter, values: readonly string[]): string {
  return values.reduce((total, value) => e.op("Add", [total, value]));
}

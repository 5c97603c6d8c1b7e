/** Binary cross-entropy on logits. */
import type { Value } from "../graph/value.ts";
import { mul } from "../ops/mul.ts";
import { softplus } from "../ops/softplus.ts";
import { sub } from "../ops/sub.ts";
import { mean } from "../ops/sum.ts";
import { checkTarget } from "./checkTarget.ts";

/**
 * Mean over all entries of ln(1 + exp(z)) - z t = -(t ln s(z) + (1 - t) ln(1 - s(z))).
 *
 * @param logits  z, any shape
 * @param target  t, the same shape, 0 or 1
 * @returns       []
 * @throws {ShapeError} if the shapes differ.
 */
export function bceWithLogits(logits: Value, target: Value): Value {
  checkTarget("bceWithLogits", logits, target);
  return mean(sub(softplus(logits), mul(logits, target)));
}

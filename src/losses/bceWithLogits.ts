/** Binary cross-entropy on logits. */
import type { Value } from "../graph/value.ts";
import { mul } from "../ops/mul.ts";
import { softplus } from "../ops/softplus.ts";
import { sub } from "../ops/sub.ts";
import { mean } from "../ops/sum.ts";

/**
 * Mean over all entries of ln(1 + exp(z)) - z t = -(t ln s(z) + (1 - t) ln(1 - s(z))).
 *
 * @param logits  z, any shape
 * @param target  t, the same shape, 0 or 1
 * @returns       []
 */
export const bceWithLogits = (logits: Value, target: Value): Value =>
  mean(sub(softplus(logits), mul(logits, target)));

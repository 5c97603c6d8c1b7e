/** Soft Dice loss. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { sub } from "../ops/sub.ts";
import { mean, sum } from "../ops/sum.ts";
import { checkTarget } from "./checkTarget.ts";

/**
 * 1 - (2 sum(p t) + 1) / (sum p + sum t + 1), sums over the map of each image and class; then the mean over both.
 *
 * @param probabilities  p, [N, K, H, W], in 0..1
 * @param target         t, the same shape, 0 or 1
 * @returns              [] in 0..1
 * @throws {ShapeError} if the shapes differ.
 * @see SGDC paper, equation 5; Milletari et al. 2016
 */
export function softDiceLoss(probabilities: Value, target: Value): Value {
  checkTarget("softDiceLoss", probabilities, target);
  const overlap = sum(mul(probabilities, target), [2, 3]);
  const total = add(sum(probabilities, [2, 3]), sum(target, [2, 3]));
  const one = scalar(1);
  const dice = div(add(mul(overlap, scalar(2)), one), add(total, one));
  return sub(one, mean(dice));
}

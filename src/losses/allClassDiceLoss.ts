/** MedISeg's Dice loss, which CTO's code uses. */
import { constant, type Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { div } from "../ops/div.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { softmax } from "../ops/softmax.ts";
import { sub } from "../ops/sub.ts";
import { mean, sum } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { full } from "../tensor/tensor.ts";
import { checkTarget } from "./checkTarget.ts";

/**
 * mean over images and classes, the background included, of 1 - (2 sum(p t) + s) / (sum p + sum t + s), p = softmax over channels,
 * s = 1e-8.
 *
 * One channel has softmax 1 everywhere: the loss then depends on the target alone. This is what the published code of CTO does to its
 * edge map, which therefore is not supervised.
 *
 * @param logits  [N, C, H, W]
 * @param target  t, the same shape, 0 or 1
 * @returns       []
 * @throws {ShapeError} if the shapes differ.
 * @see code hust-linyi/MedISeg, DiceLoss
 */
export function allClassDiceLoss(logits: Value, target: Value): Value {
  checkTarget("allClassDiceLoss", logits, target);
  const smooth = scalar(1e-8);
  const t = transpose(target, [0, 2, 3, 1]);
  const p =
    logits.shape[1] === 1 ? constant(full(t.shape, 1)) : softmax(transpose(logits, [0, 2, 3, 1]));
  const overlap = sum(mul(p, t), [1, 2]);
  const total = add(sum(p, [1, 2]), sum(t, [1, 2]));
  const dice = div(add(mul(overlap, scalar(2)), smooth), add(total, smooth));
  return sub(scalar(1), mean(dice));
}

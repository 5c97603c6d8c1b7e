/** CTO's segmentation loss: IoU and cross-entropy, weighted towards boundaries. */
import { constant, type Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { avgPool2d } from "../ops/avgPool2d.ts";
import { concat } from "../ops/concat.ts";
import { div } from "../ops/div.ts";
import { logSoftmax } from "../ops/logSoftmax.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { scalar } from "../ops/scalar.ts";
import { slice } from "../ops/slice.ts";
import { softmax } from "../ops/softmax.ts";
import { sub } from "../ops/sub.ts";
import { mean, sum } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { full } from "../tensor/tensor.ts";
import { checkTarget } from "./checkTarget.ts";

export interface StructureLossOptions {
  /**
   * `released`: the cross-entropy of every image is weighted by the weights of every image of the batch, because a tensor of
   * [N, H, W] meets one of [N, 1, H, W] in the published code. `own`: by its own weights. Default `released`.
   */
  readonly weights?: "released" | "own";
}

/**
 * mean over images and classes of 1 - (I + 1) / (U + 1), plus the mean of w times the cross-entropy, with w = 1 + 5 |a - m|, m the
 * foreground and a its mean over a window of 31 x 31 (zeros outside count), so that w is 1 far from boundaries and up to 6 at them;
 * I = sum of w p t and U = sum of w (p + t - p t) over the map, p = softmax.
 *
 * One channel z is taken as two classes with the logits (0, z): softmax is then the sigmoid.
 *
 * @param logits  [N, C, H, W]; the background first if C > 1
 * @param mask    t, the same shape, 0 or 1; one-hot if C > 1
 * @returns       []
 * @throws {ShapeError} if the shapes differ.
 * @see CTO (Lin et al. 2023); code xiaofang007/CTO, structure_loss; Wei et al. 2020, F3Net
 */
export function structureLoss(
  logits: Value,
  mask: Value,
  { weights = "released" }: StructureLossOptions = {},
): Value {
  checkTarget("structureLoss", logits, mask);
  // Everything with classes last: [N, H, W, C].
  const zero = constant(full([logits.shape[0]!, 1, ...logits.shape.slice(2)], 0));
  const single = logits.shape[1] === 1;
  const both = single ? concat([zero, logits], 1) : logits;
  const truth = single ? concat([sub(scalar(1), mask), mask], 1) : mask;
  const x = transpose(both, [0, 2, 3, 1]);
  const t = transpose(truth, [0, 2, 3, 1]);

  // |a - m| = a + m - 2 a m, because m is 0 or 1.
  const m = sub(scalar(1), slice(truth, 1, 0, 1));
  const a = avgPool2d(m, { kernel: 31, stride: 1, padding: 15 });
  const apart = sub(add(a, m), mul(scalar(2), mul(a, m)));
  const w = transpose(add(mul(apart, scalar(5)), scalar(1)), [0, 2, 3, 1]);

  const p = softmax(x);
  const common = mul(p, t);
  const inside = sum(mul(common, w), [1, 2]);
  const union = sum(mul(sub(add(p, t), common), w), [1, 2]);
  const iou = mean(div(add(inside, scalar(1)), add(union, scalar(1))));

  const entropy = neg(sum(mul(t, logSoftmax(x)), [3], true));
  // The mean over all pairs of images is the mean of the products of means over images.
  const weighted = weights === "own" ? mul(entropy, w) : mul(mean(entropy, [0]), mean(w, [0]));
  return add(sub(scalar(1), iou), mean(weighted));
}

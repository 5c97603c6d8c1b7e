/** The shape boundary-aware evaluator: tells true masks from predicted ones, while training only. */
import type { Value } from "../../graph/value.ts";
import { conv3x3 } from "../../nn/conv.ts";
import { dense } from "../../nn/dense.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { concat } from "../../ops/concat.ts";
import { maxPool2d } from "../../ops/maxPool2d.ts";
import { relu } from "../../ops/relu.ts";
import { mean } from "../../ops/sum.ts";

/** Channels of the five pairs of convolutions. */
const WIDTHS = [64, 128, 256, 512, 512];

/**
 * Pairs of 3 x 3 convolutions with ReLU, halving between pairs, mean over the map, dense layers of 256 and of 1. The paper's figure
 * shows no batch norm, and there is none here; no code was published, so the names of the parameters are ours.
 *
 * @param mask       S, in 0..1, [N, 1, H, W]; H and W at least 16
 * @param keyPoints  map of key points, [N, 1, H, W]
 * @returns          logit of "S is the truth", [N, 1]
 * @see Lee et al. 2020 (CVPR), section 3.3 and its figure
 */
export const shapeEvaluator = block((p: Scope, mask: Value, keyPoints: Value): Value => {
  let y = concat([mask, keyPoints], 1);
  for (const [i, width] of WIDTHS.entries()) {
    if (i > 0) y = maxPool2d(y, { kernel: 2, stride: 2 });
    y = relu(conv3x3(p.at(`pair${i + 1}.0`), y, width));
    y = relu(conv3x3(p.at(`pair${i + 1}.1`), y, width));
  }
  const hidden = relu(dense(p.at("fc1"), mean(y, [2, 3]), 256));
  return dense(p.at("fc2"), hidden, 1);
});

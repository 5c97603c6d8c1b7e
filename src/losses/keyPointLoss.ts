/** The losses of Lee et al. 2020: masks, maps of key points, and the evaluator's verdict. */
import { ShapeError } from "../base/errors.ts";
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { maxPool2d } from "../ops/maxPool2d.ts";
import { mean } from "../ops/sum.ts";
import { neg } from "../ops/neg.ts";
import { softplus } from "../ops/softplus.ts";
import { showShape } from "../tensor/shape.ts";
import { bceWithLogits } from "./bceWithLogits.ts";
import type { LossTerms } from "./segmentationLoss.ts";

/**
 * L = BCE(logits, mask) + sum over blocks of BCE(M_i, key points at the size of M_i) - ln D(S; key points), all weights 1; the last
 * term only if the evaluator's logit is given. Terms: `seg1`, `map`, `verdict`.
 *
 * The map of key points is made smaller by maxima over squares, which keep its discs: how, the paper does not say.
 *
 * @param logits     of the prediction S, [N, 1, H, W]
 * @param maps       M_i before the sigmoid, [N, 1, H / k, W / k] for whole k
 * @param mask       [N, 1, H, W], 0 or 1
 * @param keyPoints  [N, 1, H, W], 0 or 1
 * @param verdict    the evaluator's logit for S, [N, 1]
 * @throws {ShapeError} if the size of a map does not divide that of the image.
 * @see Lee et al. 2020 (CVPR), equations 4 to 6
 */
export function keyPointLoss(
  { logits, maps, verdict }: { logits: Value; maps: readonly Value[]; verdict?: Value },
  mask: Value,
  keyPoints: Value,
): LossTerms {
  const terms: Record<string, Value> = { seg1: bceWithLogits(logits, mask) };
  if (maps.length > 0) {
    terms.map = maps
      .map((map) => bceWithLogits(map, shrunk(keyPoints, map)))
      .reduce((a, b) => add(a, b));
  }
  // -ln s(z) = ln(1 + exp(-z))
  if (verdict) terms.verdict = mean(softplus(neg(verdict)));
  return { ...terms, total: Object.values(terms).reduce((a, b) => add(a, b)) };
}

/**
 * L = -ln D(truth; key points) - ln(1 - D(S; key points)), the mean over images.
 *
 * @param truth      the evaluator's logit for the true mask, [N, 1]
 * @param predicted  its logit for the prediction, which counts as a constant: hand S in as an input of the graph
 * @see Lee et al. 2020 (CVPR), equation 7
 */
export const evaluatorLoss = (truth: Value, predicted: Value): Value =>
  mean(add(softplus(neg(truth)), softplus(predicted)));

function shrunk(keyPoints: Value, map: Value): Value {
  const [, , height = 1, width = 1] = keyPoints.shape;
  const [, , h = 1, w = 1] = map.shape;
  const k = height / h;
  if (!Number.isInteger(k) || width / w !== k) {
    throw new ShapeError(
      `key point loss: maps must be [N, 1, ${height} / k, ${width} / k] for a whole k, got ${showShape(map.shape)}`,
    );
  }
  return k === 1 ? keyPoints : maxPool2d(keyPoints, { kernel: k });
}

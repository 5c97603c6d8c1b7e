/** The loss of CTO. */
import { ArgumentError } from "../base/errors.ts";
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { allClassDiceLoss } from "./allClassDiceLoss.ts";
import { outerBoundary } from "./outerBoundary.ts";
import type { LossOptions, LossTerms, SupervisedOutputs } from "./segmentationLoss.ts";
import { softDiceLoss } from "./softDiceLoss.ts";
import { structureLoss, type StructureLossOptions } from "./structureLoss.ts";

/** `boundary` is by default the ring around the mask, see `outerBoundary`. */
export interface CtoLossOptions extends LossOptions, StructureLossOptions {
  /**
   * `supervised`: soft Dice of the edge map, as the paper describes. `released`: as the published code computes it, a number that
   * depends on the mask alone, so that nothing supervises the edge map. Default `supervised`; without gradient, `released` trains as
   * lambda = 0 does.
   */
  readonly edgeTerm?: "supervised" | "released";
}

/**
 * L = S(logits) + sum of S(auxiliary) + lambda D(edge), S = `structureLoss`, D = soft Dice. Terms: `seg1` of the prediction, `seg2`
 * and on of the auxiliary ones, `edge`.
 *
 * @param outputs  logits and auxiliary [N, C, H, W], edge logit [N, 1, H, W]
 * @param mask     [N, C, H, W], 0 or 1; one-hot if C > 1
 * @throws {ArgumentError} if options ask to leave out one part of S, or to weight its classes: it is one term.
 * @see CTO (Lin et al. 2023); code xiaofang007/CTO, network_trainer.py
 */
export function ctoLoss(
  outputs: SupervisedOutputs,
  mask: Value,
  options: CtoLossOptions = {},
): LossTerms {
  const { lambda = 3, deepSupervision = true, edgeTerm = "supervised" } = options;
  if (options.crossEntropy === false || options.dice === false || options.classWeights) {
    throw new ArgumentError(
      "loss of cto: crossEntropy and dice must be on and classWeights not given, because its segmentation term is one, got another choice; leave them out",
    );
  }
  const heads = deepSupervision ? [outputs.logits, ...(outputs.auxiliary ?? [])] : [outputs.logits];
  const terms: Record<string, Value> = {};
  for (const [i, head] of heads.entries())
    terms[`seg${i + 1}`] = structureLoss(head, mask, options);
  let total = Object.values(terms).reduce((a, b) => add(a, b));
  if (lambda > 0 && outputs.edge) {
    const probability = sigmoid(outputs.edge);
    const target = options.boundary ?? outerBoundary(mask);
    const edge = edgeTerm === "released" ? allClassDiceLoss : softDiceLoss;
    terms.edge = edge(probability, target);
    total = add(total, mul(terms.edge, scalar(lambda)));
  }
  return { ...terms, total };
}

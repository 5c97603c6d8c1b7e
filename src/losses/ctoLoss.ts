/** The loss of CTO. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { allClassDiceLoss } from "./allClassDiceLoss.ts";
import { outerBoundary } from "./outerBoundary.ts";
import type { LossTerms } from "./sgdNetLoss.ts";
import { softDiceLoss } from "./softDiceLoss.ts";
import { structureLoss, type StructureLossOptions } from "./structureLoss.ts";

export interface CtoLossOptions extends StructureLossOptions {
  /** Weight of the edge term. Default 3. */
  readonly lambda?: number;
  /** Train the auxiliary predictions as well. Default true. */
  readonly deepSupervision?: boolean;
  /** Target of the edge map, [N, 1, H, W]. Default: the ring around the mask, see `outerBoundary`. */
  readonly boundary?: Value;
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
 * @see CTO (Lin et al. 2023); code xiaofang007/CTO, network_trainer.py
 */
export function ctoLoss(
  outputs: {
    readonly logits: Value;
    readonly auxiliary?: readonly Value[];
    readonly edge?: Value;
  },
  mask: Value,
  options: CtoLossOptions = {},
): LossTerms {
  const { lambda = 3, deepSupervision = true, edgeTerm = "supervised" } = options;
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

/** The loss of SGD-Net: deep supervision and the edge term. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { bceWithLogits } from "./bceWithLogits.ts";
import { boundaryTarget } from "./boundaryTarget.ts";
import { softDiceLoss } from "./softDiceLoss.ts";

export interface SgdNetLossOptions {
  /** Weight of the edge term. Default 3, the paper's best. */
  readonly lambda?: number;
  /** Supervise o2 and o3 as well. Default true. */
  readonly deepSupervision?: boolean;
  /** Use the cross-entropy term. Default true. */
  readonly crossEntropy?: boolean;
  /** Use the soft Dice term. Default true. */
  readonly dice?: boolean;
}

/** Loss terms by name; `total` is what is differentiated. */
export type LossTerms = Readonly<Record<string, Value>> & { readonly total: Value };

/**
 * L = seg(o1) + seg(o2) + seg(o3) + lambda edge(o_e), seg = cross-entropy + soft Dice, edge = soft Dice of s(o_e) against the
 * boundary of the mask.
 *
 * @param outputs  logits: o1, o2, o3 [N, K, H, W], edge [N, 1, H, W]
 * @param mask     [N, K, H, W], 0 or 1
 * @see SGDC paper, equation 5
 */
export function sgdNetLoss(
  outputs: { readonly o1: Value; readonly o2: Value; readonly o3: Value; readonly edge: Value },
  mask: Value,
  options: SgdNetLossOptions = {},
): LossTerms {
  const { lambda = 3, deepSupervision = true, crossEntropy = true, dice = true } = options;
  const seg = (logits: Value): Value => {
    const parts: Value[] = [];
    if (crossEntropy) parts.push(bceWithLogits(logits, mask));
    if (dice) parts.push(softDiceLoss(sigmoid(logits), mask));
    return parts.reduce((a, b) => add(a, b));
  };
  const terms: Record<string, Value> = { seg1: seg(outputs.o1) };
  if (deepSupervision) {
    terms.seg2 = seg(outputs.o2);
    terms.seg3 = seg(outputs.o3);
  }
  let total = Object.values(terms).reduce((a, b) => add(a, b));
  if (lambda > 0) {
    terms.edge = softDiceLoss(sigmoid(outputs.edge), boundaryTarget(mask));
    total = add(total, mul(terms.edge, scalar(lambda)));
  }
  return { ...terms, total };
}

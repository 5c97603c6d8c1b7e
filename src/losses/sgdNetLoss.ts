/** The loss of SGD-Net: deep supervision and the edge term. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { slice } from "../ops/slice.ts";
import { bceWithLogits } from "./bceWithLogits.ts";
import { boundaryTarget } from "./boundaryTarget.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { probabilities } from "./probabilities.ts";
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
  /** Several classes: weight of each in the cross-entropy, the background first. Default 1 each. */
  readonly classWeights?: readonly number[];
  /** Target of the edge head, [N, 1, H, W], e.g. the boundaries between instances. Default: the boundary of the mask. */
  readonly boundary?: Value;
}

/** Loss terms by name; `total` is what is differentiated. */
export type LossTerms = Readonly<Record<string, Value>> & { readonly total: Value };

/**
 * L = seg(o1) + seg(o2) + seg(o3) + lambda edge(o_e), seg = cross-entropy + soft Dice, edge = soft Dice of s(o_e) against the
 * boundary of the mask.
 *
 * One channel is foreground against background: sigmoid and binary cross-entropy, as the paper has it. Several channels are
 * exclusive classes, the background first: softmax and cross-entropy over all, soft Dice over those but the background.
 *
 * @param outputs  logits: o1, o2, o3 [N, C, H, W], edge [N, 1, H, W]
 * @param mask     [N, C, H, W], 0 or 1; one-hot if C > 1
 * @see SGDC paper, equation 5
 */
export function sgdNetLoss(
  outputs: { readonly o1: Value; readonly o2: Value; readonly o3: Value; readonly edge: Value },
  mask: Value,
  options: SgdNetLossOptions = {},
): LossTerms {
  const {
    lambda = 3,
    deepSupervision = true,
    crossEntropy: crossEntropyTerm = true,
    dice = true,
  } = options;
  const exclusive = (mask.shape[1] ?? 1) > 1;
  const seg = (logits: Value): Value => {
    const parts: Value[] = [];
    if (crossEntropyTerm) {
      parts.push(
        exclusive ? crossEntropy(logits, mask, options.classWeights) : bceWithLogits(logits, mask),
      );
    }
    if (dice) {
      const foreground = (x: Value): Value => (exclusive ? slice(x, 1, 1, x.shape[1]!) : x);
      parts.push(softDiceLoss(foreground(probabilities(logits)), foreground(mask)));
    }
    return parts.reduce((a, b) => add(a, b));
  };
  const terms: Record<string, Value> = { seg1: seg(outputs.o1) };
  if (deepSupervision) {
    terms.seg2 = seg(outputs.o2);
    terms.seg3 = seg(outputs.o3);
  }
  let total = Object.values(terms).reduce((a, b) => add(a, b));
  if (lambda > 0) {
    terms.edge = softDiceLoss(sigmoid(outputs.edge), options.boundary ?? boundaryTarget(mask));
    total = add(total, mul(terms.edge, scalar(lambda)));
  }
  return { ...terms, total };
}

/** The common loss of networks: cross-entropy and soft Dice of every head, and the edge term. */
import { ArgumentError } from "../base/errors.ts";
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

export interface LossOptions {
  /** Weight of the edge term. Default 3, the best in the paper of SGD-Net. */
  readonly lambda?: number;
  /** Train the auxiliary predictions as well. Default true. */
  readonly deepSupervision?: boolean;
  /** Use the cross-entropy term. Default true. */
  readonly crossEntropy?: boolean;
  /** Take this loss even for a network that has one of its own. Default false. */
  readonly common?: boolean;
  /** Use the soft Dice term. Default true. */
  readonly dice?: boolean;
  /** Several classes: weight of each in the cross-entropy, the background first. Default 1 each. */
  readonly classWeights?: readonly number[];
  /** Target of the edge head, [N, 1, H, W], e.g. the boundaries between instances. Default: the boundary of the mask. */
  readonly boundary?: Value;
  /** Where the boundary's key points are, [N, 1, H, W]; given to networks whose own loss asks for it. */
  readonly keyPoints?: Value;
}

/** Loss terms by name; `total` is what is differentiated. */
export type LossTerms = Readonly<Record<string, Value>> & { readonly total: Value };

/** What the loss looks at. */
export interface SupervisedOutputs {
  /** [N, C, H, W] */
  readonly logits: Value;
  /** Further predictions, like `logits`. */
  readonly auxiliary?: readonly Value[];
  /** Edge logit, [N, 1, H, W]. */
  readonly edge?: Value;
}

/**
 * L = seg(logits) + sum of seg(auxiliary) + lambda edge(o_e), seg = cross-entropy + soft Dice, edge = soft Dice of s(o_e) against
 * the boundary of the mask. Terms: `seg1` of the prediction, `seg2` and on of the auxiliary ones, `edge`; what a network has no
 * head for is left out.
 *
 * One channel is foreground against background: sigmoid and binary cross-entropy. Several channels are exclusive classes, the
 * background first: softmax and cross-entropy over all, soft Dice over those but the background.
 *
 * @param mask  [N, C, H, W], 0 or 1; one-hot if C > 1
 * @throws {ShapeError} if the mask has another shape than the logits.
 * @throws {ArgumentError} if the options leave no term.
 * @see SGDC paper, equation 5
 */
export function segmentationLoss(
  { logits, auxiliary = [], edge }: SupervisedOutputs,
  mask: Value,
  options: LossOptions = {},
): LossTerms {
  const { lambda = 3, deepSupervision = true, crossEntropy: entropy = true, dice = true } = options;
  const exclusive = (mask.shape[1] ?? 1) > 1;
  const seg = (prediction: Value): Value => {
    const parts: Value[] = [];
    if (entropy) {
      parts.push(
        exclusive
          ? crossEntropy(prediction, mask, options.classWeights)
          : bceWithLogits(prediction, mask),
      );
    }
    if (dice) {
      const foreground = (x: Value): Value => (exclusive ? slice(x, 1, 1, x.shape[1]!) : x);
      parts.push(softDiceLoss(foreground(probabilities(prediction)), foreground(mask)));
    }
    return parts.reduce((a, b) => add(a, b));
  };
  const terms: Record<string, Value> = {};
  if (entropy || dice) {
    const supervised = [logits, ...(deepSupervision ? auxiliary : [])];
    for (const [i, prediction] of supervised.entries()) terms[`seg${i + 1}`] = seg(prediction);
  }
  const weighted = Object.values(terms);
  if (edge && lambda > 0) {
    terms["edge"] = softDiceLoss(sigmoid(edge), options.boundary ?? boundaryTarget(mask));
    weighted.push(mul(terms["edge"], scalar(lambda)));
  }
  if (weighted.length === 0) {
    throw new ArgumentError(
      "loss: at least one term must remain, got none; take cross-entropy or Dice, or the edge term with a lambda above 0 for a network that has an edge head",
    );
  }
  return { ...terms, total: weighted.reduce((a, b) => add(a, b)) };
}

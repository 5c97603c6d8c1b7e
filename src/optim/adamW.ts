/** AdamW: Adam whose weight decay shrinks the weights directly instead of entering the gradient. */
import { adamLike, type AdamOptions } from "./adam.ts";
import type { UpdateRule } from "./updateRule.ts";

export interface AdamWOptions extends AdamOptions {
  /** Share of each weight that is taken off per step, times the learning rate; default 0.01. */
  readonly weightDecay?: number;
}

/**
 * p *= 1 - lr . weightDecay; then a step of Adam without penalty.
 *
 * @see Loshchilov and Hutter, 2019, algorithm 2; torch.optim.AdamW
 */
export function adamWRule(options: AdamWOptions = {}): UpdateRule {
  const { weightDecay = 0.01 } = options;
  return adamLike(options, 0, weightDecay);
}

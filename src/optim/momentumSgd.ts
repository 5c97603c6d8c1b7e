/** Stochastic gradient descent with momentum. */
import type { UpdateRule } from "./updateRule.ts";

export interface MomentumSgdOptions {
  /** Share of the last step that is kept; default 0.9. */
  readonly momentum?: number;
  /** Look ahead along the momentum (Nesterov); default false. */
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * g += weightDecay p; b = momentum b + g; p -= lr b, or p -= lr (g + momentum b) with Nesterov.
 *
 * @see torch.optim.SGD with dampening 0
 */
export function momentumSgdRule(options: MomentumSgdOptions = {}): UpdateRule {
  const { momentum = 0.9, nesterov = false, weightDecay = 0 } = options;
  return {
    slots: ["momentum_buffer"],
    update(values, gradient, [buffer], learningRate) {
      const b = buffer!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]! + weightDecay * values[i]!;
        const bi = momentum * b[i]! + g;
        b[i] = bi;
        values[i]! -= learningRate * (nesterov ? g + momentum * bi : bi);
      }
    },
  };
}

/** Adam: steps scaled by running means of the gradient and of its square. */
import type { UpdateRule } from "./updateRule.ts";

export interface AdamOptions {
  /** Decay of the mean gradient; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean squared gradient; default 0.999. */
  readonly beta2?: number;
  /** Added to the denominator; default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * g += weightDecay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= lr / (1 - beta1^t) . m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * @see Kingma and Ba, 2015, algorithm 1; torch.optim.Adam
 */
export function adamRule(options: AdamOptions = {}): UpdateRule {
  const { weightDecay = 0 } = options;
  return adamLike(options, weightDecay, 0);
}

/**
 * Adam with both kinds of weight decay: `penalty` enters the gradient, `shrink` acts on the
 * weights before the step, p *= 1 - lr shrink.
 */
export function adamLike(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  penalty: number,
  shrink: number,
): UpdateRule {
  return {
    slots: ["exp_avg", "exp_avg_sq"],
    update(values, gradient, [mean, square], learningRate, step) {
      const m = mean!;
      const v = square!;
      // Both corrections leave the loop: lr' m / (sqrt(v) / c + e) = lr' c m / (sqrt(v) + c e), one division a weight.
      const rootCorrection = Math.sqrt(1 - beta2 ** step);
      const stepSize = (learningRate * rootCorrection) / (1 - beta1 ** step);
      const floor = epsilon * rootCorrection;
      const keep = 1 - learningRate * shrink;
      for (let i = 0; i < values.length; i++) {
        const p = values[i]!;
        const g = gradient[i]! + penalty * p;
        const mi = m[i]! + (1 - beta1) * (g - m[i]!);
        const vi = beta2 * v[i]! + (1 - beta2) * g * g;
        m[i] = mi;
        v[i] = vi;
        values[i] = keep * p - (stepSize * mi) / (Math.sqrt(vi) + floor);
      }
    },
  };
}

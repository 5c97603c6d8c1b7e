/** Coefficient of determination: how well predicted counts follow the true ones. */

import { ArgumentError } from "../base/errors.ts";

/**
 * R2 = 1 - sum (t - p)^2 / sum (t - mean t)^2. Where all truths are equal: 1 if all predictions are right,
 * else 0, the rule of scikit-learn.
 *
 * @returns at most 1; NaN for fewer than two values.
 * @throws {ArgumentError} if the lists differ in length.
 */
export function rSquared(predicted: readonly number[], actual: readonly number[]): number {
  if (predicted.length !== actual.length)
    throw new ArgumentError(
      `rSquared: needs as many predictions as truths, got ${predicted.length} and ${actual.length}`,
    );
  if (actual.length < 2) return NaN;
  const mean = actual.reduce((sum, t) => sum + t, 0) / actual.length;
  const spread = actual.reduce((sum, t) => sum + (t - mean) ** 2, 0);
  const error = actual.reduce((sum, t, i) => sum + (t - predicted[i]!) ** 2, 0);
  if (spread === 0) return error === 0 ? 1 : 0;
  return 1 - error / spread;
}

/** Gradient clipping, in place. */

/**
 * Euclidean norm of all gradients taken as one vector, summed in float64; 0 for none.
 */
export function globalNorm(gradients: ReadonlyMap<string, Float32Array>): number {
  let sum = 0;
  for (const values of gradients.values()) {
    for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  }
  return Math.sqrt(sum);
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)).
 *
 * @returns the norm before clipping; if it is not finite, nothing is changed.
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGlobalNorm(
  gradients: ReadonlyMap<string, Float32Array>,
  maxNorm: number,
): number {
  const norm = globalNorm(gradients);
  const scale = maxNorm / (norm + 1e-6);
  if (!Number.isFinite(norm) || scale >= 1) return norm;
  for (const values of gradients.values()) {
    for (let i = 0; i < values.length; i++) values[i]! *= scale;
  }
  return norm;
}

/**
 * Limits every entry to -limit..limit; NaN stays NaN.
 *
 * @see torch.nn.utils.clip_grad_value_
 */
export function clipValue(gradients: ReadonlyMap<string, Float32Array>, limit: number): void {
  for (const values of gradients.values()) {
    for (let i = 0; i < values.length; i++) {
      if (values[i]! > limit) values[i] = limit;
      else if (values[i]! < -limit) values[i] = -limit;
    }
  }
}

/** Thresholds that a picture chooses for itself. */

const BINS = 256;

/**
 * Otsu: where the two classes differ most, between their means.
 *
 * @param values  0 to 1
 * @returns       a value of which those above are the foreground; 0.5 if all values are one
 */
export function otsuThreshold(values: Float64Array): number {
  const counts = new Float64Array(BINS);
  for (const v of values) counts[Math.min(BINS - 1, Math.max(0, Math.floor(v * BINS)))]!++;
  const total = values.length;
  const sum = counts.reduce((a, count, bin) => a + bin * count, 0);
  let [below, sumBelow, most, best] = [0, 0, -1, NaN];
  for (let bin = 0; bin < BINS - 1; bin++) {
    below += counts[bin]!;
    sumBelow += bin * counts[bin]!;
    if (below === 0 || below === total) continue;
    const gap = sumBelow / below - (sum - sumBelow) / (total - below);
    const between = below * (total - below) * gap ** 2;
    if (between > most) [most, best] = [between, (bin + 1) / BINS];
  }
  return Number.isNaN(best) ? 0.5 : best;
}

/**
 * Li: minimum cross-entropy, t <- (m1 - m0) / (ln m1 - ln m0) with the means m0 and m1 below and above t, until it moves by less than
 * half of 1 / 255.
 *
 * @param values  0 to 1
 * @see Li and Tam, An Iterative Algorithm for Minimum Cross Entropy Thresholding (1998)
 */
export function liThreshold(values: Float64Array): number {
  const mean = (some: Float64Array): number => some.reduce((a, b) => a + b, 0) / some.length;
  const tiny = 1e-9;
  let t = mean(values);
  for (let i = 0; i < 100; i++) {
    const low = mean(values.filter((v) => v <= t)) + tiny;
    const high = mean(values.filter((v) => v > t)) + tiny;
    const next = (high - low) / (Math.log(high) - Math.log(low));
    if (!Number.isFinite(next) || Math.abs(next - t) < 0.5 / 255) break;
    t = next;
  }
  return t;
}

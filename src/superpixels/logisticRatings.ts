/** A classifier of a handful of examples: logistic regression. */

const STEPS = 300;
const RATE = 0.5;
const DECAY = 0.01;

/**
 * s(w x + b) of every item, fitted to those that have a label: cross-entropy with each label weighing one half in all, and a decay of
 * the weights; features are brought to mean 0 and deviation 1 first.
 *
 * @param features  of each item
 * @param labels    0, 1, or null where it is not known; both must occur
 * @returns         0 to 1 for each item
 */
export function logisticRatings(
  features: readonly (readonly number[])[],
  labels: readonly (0 | 1 | null)[],
): Float64Array {
  const size = features[0]!.length;
  const n = features.length;
  const moments = Array.from({ length: size }, (_, k) => {
    const mean = features.reduce((sum, f) => sum + f[k]!, 0) / n;
    const deviation = Math.sqrt(features.reduce((sum, f) => sum + (f[k]! - mean) ** 2, 0) / n);
    return [mean, deviation || 1] as const;
  });
  const scaled = features.map((f) => f.map((v, k) => (v - moments[k]![0]) / moments[k]![1]));
  const known = labels.flatMap((label, i) => (label === null ? [] : [{ i, label }]));
  const ones = known.filter(({ label }) => label === 1).length;
  const weights = new Float64Array(size + 1);
  const rate = (x: readonly number[]): number => {
    const z = x.reduce((sum, v, k) => sum + v * weights[k]!, weights[size]!);
    return 1 / (1 + Math.exp(-z));
  };
  for (let step = 0; step < STEPS; step++) {
    const gradient = new Float64Array(size + 1);
    for (const { i, label } of known) {
      const share = 0.5 / (label === 1 ? ones : known.length - ones);
      const error = share * (rate(scaled[i]!) - label);
      for (let k = 0; k < size; k++) gradient[k]! += error * scaled[i]![k]!;
      gradient[size]! += error;
    }
    for (let k = 0; k <= size; k++) {
      weights[k]! -= RATE * (gradient[k]! + (k < size ? DECAY * weights[k]! : 0));
    }
  }
  return Float64Array.from(scaled, rate);
}

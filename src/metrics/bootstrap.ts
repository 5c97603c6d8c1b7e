/** Confidence intervals of means by the percentile bootstrap over images. */

import { ArgumentError } from "../tensor/errors.ts";
import { Random } from "../tensor/random.ts";
import { percentile } from "./percentile.ts";

export interface BootstrapOptions {
  /** How often the images are drawn anew; default 2000. */
  readonly resamples?: number;
  /** Probability that the interval stands for, above 0 and below 1; default 0.95. */
  readonly confidence?: number;
  /** Seed of the draws; default 0. The same seed, the same interval. */
  readonly seed?: number;
}

/** The options with their defaults, as they stand beside results. */
export type Bootstrap = Required<BootstrapOptions>;

/** The options with the defaults filled in. */
export const bootstrapDefaults = ({
  resamples = 2000,
  confidence = 0.95,
  seed = 0,
}: BootstrapOptions = {}): Bootstrap => ({ resamples, confidence, seed });

/** From `low` to `high`; both NaN where there is no interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const nothing: Interval = { low: NaN, high: NaN };

/**
 * The interval of a mean: n values are drawn with replacement from the n there are, `resamples` times; the
 * interval reaches from the (1 - confidence) / 2 to the (1 + confidence) / 2 quantile of their means.
 * All lists of one length are drawn alike, so that intervals of several metrics belong together.
 *
 * @param columns  lists of values, one value an image; each list may have its own length.
 * @returns        an interval a list; NaN for fewer than two values, or where a value is NaN.
 * @throws {ArgumentError} if an option is unusable.
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 */
export function bootstrapMeans(
  columns: readonly (readonly number[])[],
  options: BootstrapOptions = {},
): Interval[] {
  const { resamples, confidence, seed } = bootstrapDefaults(options);
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new ArgumentError(
      `bootstrap: resamples must be a whole number from 1, got ${resamples}; the default is 2000`,
    );
  if (!(confidence > 0 && confidence < 1))
    throw new ArgumentError(
      `bootstrap: confidence must be above 0 and below 1, got ${confidence}; 0.95 is usual`,
    );
  const intervals = columns.map(() => nothing);
  const usable = columns.map((values) => values.length > 1 && !values.some(Number.isNaN));
  for (const length of new Set(columns.map((values) => values.length))) {
    const chosen = columns.flatMap((values, i) =>
      usable[i] === true && values.length === length ? [i] : [],
    );
    const lists = chosen.map((i) => Float64Array.from(columns[i]!));
    for (const [k, means] of resampledMeans(lists, length, resamples, seed).entries())
      intervals[chosen[k]!] = {
        low: percentile(means, 50 * (1 - confidence)),
        high: percentile(means, 50 * (1 + confidence)),
      };
  }
  return intervals;
}

/** `bootstrapMeans` of one list. */
export const bootstrapMean = (
  values: readonly number[],
  options: BootstrapOptions = {},
): Interval => bootstrapMeans([values], options)[0]!;

/** For each list of `length` values its means over the same `resamples` draws. */
function resampledMeans(
  lists: readonly Float64Array[],
  length: number,
  resamples: number,
  seed: number,
): Float64Array[] {
  const means = lists.map(() => new Float64Array(resamples));
  if (lists.length === 0) return means;
  const random = Random.of(seed, "bootstrap", length);
  const drawn = new Int32Array(length);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < length; i++) drawn[i] = random.int(length);
    for (let k = 0; k < lists.length; k++) {
      const values = lists[k]!;
      let total = 0;
      for (let i = 0; i < length; i++) total += values[drawn[i]!]!;
      means[k]![r] = total / length;
    }
  }
  return means;
}

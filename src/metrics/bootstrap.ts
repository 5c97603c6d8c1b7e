/** Confidence intervals of means by the percentile bootstrap over images, or over groups of images. */

import { ArgumentError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { percentile } from "./percentile.ts";

/** Patient or source image of each value; a value without one stands alone. */
export type Groups = readonly (string | undefined)[];

export interface BootstrapOptions {
  /** How often the images are drawn anew; default 2000. */
  readonly resamples?: number;
  /** Probability that the interval stands for, above 0 and below 1; default 0.95. */
  readonly confidence?: number;
  /** Seed of the draws; default 0. The same seed, the same interval. */
  readonly seed?: number;
  /** One for each value: whole groups are then drawn instead of images. Default: every image stands alone. */
  readonly groups?: Groups;
}

/** The options with their defaults, as they stand beside results. */
export interface Bootstrap {
  readonly resamples: number;
  readonly confidence: number;
  readonly seed: number;
  /** How many groups the images form, where any two belong together. */
  readonly groups?: number;
}

/** The options with the defaults filled in. */
export const bootstrapDefaults = ({
  resamples = 2000,
  confidence = 0.95,
  seed = 0,
  groups = [],
}: BootstrapOptions = {}): Bootstrap => {
  const count = new Set(clustersOf(groups)).size;
  return { resamples, confidence, seed, ...(count < groups.length && { groups: count }) };
};

/** A number for each value, the same for those of one group. */
function clustersOf(groups: Groups): number[] {
  const known = new Map<string, number>();
  let next = 0;
  return groups.map((group) => {
    const before = group === undefined ? undefined : known.get(group);
    if (before !== undefined) return before;
    if (group !== undefined) known.set(group, next);
    return next++;
  });
}

/** From `low` to `high`; both NaN where there is no interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const nothing: Interval = { low: NaN, high: NaN };

/** Of each group, the sum of its values and their number. */
interface Clusters {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/**
 * The interval of a mean: n values are drawn with replacement from the n there are, `resamples` times; the
 * interval reaches from the (1 - confidence) / 2 to the (1 + confidence) / 2 quantile of their means.
 * Lists of as many values (or groups) are drawn alike, so that intervals of several metrics belong together.
 *
 * With groups, G whole groups are drawn from the G there are, and the mean of a draw is that of all values in
 * it, sum of the groups' sums / sum of their counts: values of one group are not independent, and drawn one
 * by one they would make the interval too narrow.
 *
 * @param columns  lists of values, one value an image; undefined where an image does not count.
 * @returns        an interval a list; NaN for fewer than two values or groups, or where a value is NaN.
 * @throws {ArgumentError} if an option is unusable, or there is not one group for each value.
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 * @see Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8
 */
export function bootstrapMeans(
  columns: readonly (readonly (number | undefined)[])[],
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
  const lists = columns.map((values) => clustered(values, options.groups));
  const intervals = lists.map(() => nothing);
  const usable = lists.map(({ sums }) => sums.length > 1 && !sums.some(Number.isNaN));
  for (const length of new Set(lists.map(({ sums }) => sums.length))) {
    const chosen = lists.flatMap(({ sums }, i) =>
      usable[i] === true && sums.length === length ? [i] : [],
    );
    const alike = chosen.map((i) => lists[i]!);
    for (const [k, means] of resampledMeans(alike, length, resamples, seed).entries())
      intervals[chosen[k]!] = {
        low: percentile(means, 50 * (1 - confidence)),
        high: percentile(means, 50 * (1 + confidence)),
      };
  }
  return intervals;
}

/** `bootstrapMeans` of one list. */
export const bootstrapMean = (
  values: readonly (number | undefined)[],
  options: BootstrapOptions = {},
): Interval => bootstrapMeans([values], options)[0]!;

function clustered(values: readonly (number | undefined)[], groups: Groups | undefined): Clusters {
  if (groups !== undefined && groups.length !== values.length)
    throw new ArgumentError(
      `bootstrap: groups must be one for each value, got ${groups.length} for ${values.length} values`,
    );
  const counted = values.flatMap((value, i) => (value === undefined ? [] : [i]));
  const clusters = clustersOf(counted.map((i) => groups?.[i]));
  const length = new Set(clusters).size;
  const [sums, counts] = [new Float64Array(length), new Float64Array(length)];
  for (const [k, i] of counted.entries()) {
    sums[clusters[k]!]! += values[i]!;
    counts[clusters[k]!]! += 1;
  }
  return { sums, counts };
}

/** For each list of `length` groups the means over the same `resamples` draws. */
function resampledMeans(
  lists: readonly Clusters[],
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
      const { sums, counts } = lists[k]!;
      let [total, count] = [0, 0];
      for (let i = 0; i < length; i++) {
        total += sums[drawn[i]!]!;
        count += counts[drawn[i]!]!;
      }
      means[k]![r] = total / count;
    }
  }
  return means;
}

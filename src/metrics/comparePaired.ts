/** Two runs on the same images: the mean difference, how sure it is, and whether chance explains it. */

import { ArgumentError } from "../base/errors.ts";
import { bootstrapMean, type BootstrapOptions, type Groups, type Interval } from "./bootstrap.ts";
import { signFlipTest, type SignFlipTest } from "./signFlipTest.ts";
import { statistics } from "./statistics.ts";
import { wilcoxonSignedRank, type WilcoxonTest } from "./wilcoxon.ts";

/** Of one metric, b against a. */
export interface PairedComparison {
  /** Images that have the metric in both; the others do not count. */
  readonly count: number;
  readonly meanA: number;
  readonly meanB: number;
  /** Mean of b - a. */
  readonly difference: number;
  /** Of the mean difference: percentile bootstrap over images or groups. */
  readonly interval: Interval;
  /** Images where b is larger, where a is, and where they are equal. */
  readonly larger: number;
  readonly smaller: number;
  readonly equal: number;
  readonly wilcoxon: WilcoxonTest;
  readonly signFlip: SignFlipTest;
}

/**
 * Compares two lists of scores image by image. Pairs with a NaN on either side are left out. With `groups`
 * the interval is over groups, and the signs are flipped of whole groups; Wilcoxon's test knows no groups.
 *
 * @param a, b  scores of the same images in the same order; infinities that are equal differ by 0.
 * @throws {ArgumentError} if the lists (and the groups) differ in length, or an option is unusable.
 */
export function comparePaired(
  a: readonly number[],
  b: readonly number[],
  options: BootstrapOptions = {},
): PairedComparison {
  if (a.length !== b.length)
    throw new ArgumentError(
      `comparePaired: needs scores of the same images, got ${a.length} and ${b.length} scores`,
    );
  if (options.groups !== undefined && options.groups.length !== a.length)
    throw new ArgumentError(
      `comparePaired: needs a group for each image, got ${options.groups.length} for ${a.length} images`,
    );
  const kept = a.flatMap((x, i) => (Number.isNaN(x) || Number.isNaN(b[i]!) ? [] : [i]));
  const differences = kept.map((i) => (a[i] === b[i] ? 0 : b[i]! - a[i]!));
  const { seed = 0, groups } = options;
  const ofKept = groups && { groups: kept.map((i) => groups[i]) };
  const count = (holds: (d: number) => boolean) => differences.filter(holds).length;
  return {
    count: kept.length,
    meanA: statistics(kept.map((i) => a[i]!)).mean,
    meanB: statistics(kept.map((i) => b[i]!)).mean,
    difference: statistics(differences).mean,
    interval: bootstrapMean(differences, { ...options, ...ofKept }),
    larger: count((d) => d > 0),
    smaller: count((d) => d < 0),
    equal: count((d) => d === 0),
    wilcoxon: wilcoxonSignedRank(differences),
    signFlip: signFlipTest(ofKept ? groupSums(differences, ofKept.groups) : differences, { seed }),
  };
}

/** The differences of each group added up: their signs are those of the group. */
function groupSums(differences: readonly number[], groups: Groups): number[] {
  const sums = new Map<string | number, number>();
  for (const [i, difference] of differences.entries()) {
    const key = groups[i] ?? i;
    sums.set(key, (sums.get(key) ?? 0) + difference);
  }
  return [...sums.values()];
}

/** Wilcoxon's signed-rank test: do paired differences lie on one side of zero? */

import { ArgumentError } from "../base/errors.ts";

export interface WilcoxonTest {
  /** The smaller of the two rank sums; NaN without differences. */
  readonly statistic: number;
  /** Two-sided. 1 without differences, NaN if one is NaN. */
  readonly p: number;
  /** Differences other than 0; those of 0 are left out. */
  readonly count: number;
  /** `exact`: by counting all signs; `normal`: normal approximation with tie and continuity correction. */
  readonly method: "exact" | "normal";
}

/** Up to so many differences without ties the exact distribution is counted. */
const exactUpTo = 50;

/**
 * Ranks the absolute differences (equal ones share the mean of their ranks) and compares the rank sum W of
 * the positive ones with that of the negative ones. Without ties and zeros among at most 50 differences, p
 * is exact; else z = (|W - n (n + 1) / 4| - 1/2) / sqrt(n (n + 1)(2 n + 1) / 24 - sum (t^3 - t) / 48), with
 * t the sizes of the groups of equal ones. Infinite differences take the highest ranks.
 *
 * @param differences  one an image; may be empty.
 * @param method       default `auto`, as above.
 * @throws {ArgumentError} if `exact` is asked for where there are ties or zeros.
 * @see Wilcoxon, Individual Comparisons by Ranking Methods (1945)
 */
export function wilcoxonSignedRank(
  differences: readonly number[],
  method: "auto" | "exact" | "normal" = "auto",
): WilcoxonTest {
  const used = differences.filter((d) => d !== 0);
  const count = used.length;
  const { ranks, ties } = ranksOf(used.map(Math.abs));
  const countable = ties.length === 0 && count === differences.length;
  if (method === "exact" && !countable)
    throw new ArgumentError(
      `wilcoxon: the exact test needs differences without zeros and ties, ` +
        `got ${differences.length - count} zeros and ${ties.length} groups of ties; use method normal`,
    );
  const exact = method === "exact" || (method === "auto" && countable && count <= exactUpTo);
  const chosen = exact ? "exact" : "normal";
  if (used.some(Number.isNaN)) return { statistic: NaN, p: NaN, count, method: chosen };
  if (count === 0) return { statistic: NaN, p: 1, count, method: chosen };
  const positive = used.reduce((sum, d, i) => sum + (d > 0 ? ranks[i]! : 0), 0);
  const all = (count * (count + 1)) / 2;
  const statistic = Math.min(positive, all - positive);
  if (exact) return { statistic, p: exactP(statistic, count), count, method: "exact" };
  const correction = ties.reduce((sum, t) => sum + (t ** 3 - t) / 48, 0);
  const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24 - correction);
  const z = Math.max(0, all / 2 - statistic - 0.5) / deviation;
  return { statistic, p: Math.min(1, 2 * upperTail(z)), count, method: "normal" };
}

/** Ranks from 1, equal values sharing their mean rank, and the sizes of the groups of equal values. */
function ranksOf(values: readonly number[]): { ranks: Float64Array; ties: number[] } {
  const order = values.map((_, i) => i).sort((a, b) => compare(values[a]!, values[b]!));
  const ranks = new Float64Array(values.length);
  const ties: number[] = [];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + 1 + to) / 2;
    if (to - from > 1) ties.push(to - from);
    from = to;
  }
  return { ranks, ties };
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Twice the share of the 2^n signs whose positive ranks sum up to at most w. */
function exactP(w: number, n: number): number {
  // waysTo[s]: in how many ways ranks 1 to k sum up to s; exact in float64 up to n = 53.
  const waysTo = new Float64Array(w + 1);
  waysTo[0] = 1;
  for (let rank = 1; rank <= n; rank++)
    for (let s = w; s >= rank; s--) waysTo[s]! += waysTo[s - rank]!;
  return Math.min(1, (2 * waysTo.reduce((a, b) => a + b, 0)) / 2 ** n);
}

/**
 * P(Z > z) of the standard normal for z >= 0, to about 1e-15 relative: the series of the error function
 * below 3, its continued fraction above.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14
 */
export function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-18 * sum; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 200; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}

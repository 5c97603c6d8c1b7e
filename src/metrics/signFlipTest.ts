/** Paired permutation test: how often would chance signs move the mean as far from zero? */

import { ArgumentError } from "../base/errors.ts";
import { Random } from "../base/random.ts";

export interface SignFlipTest {
  /** Two-sided; NaN if a difference is not finite, 1 without differences. */
  readonly p: number;
  /** `exact`: all 2^n signs; `random`: that many drawn ones. */
  readonly method: "exact" | "random";
  readonly flips: number;
}

/** Up to so many differences all signs are tried. */
const exactUpTo = 14;

/**
 * If neither run is better, each difference could as well have the other sign. p = share of the signs with
 * |mean| at least that observed: of all signs up to 14 differences, else of 10,000 drawn ones, where the
 * observed signs count as one of them, (1 + hits) / (1 + draws).
 *
 * @param differences  one an image; may be empty.
 * @param options      `flips`, number of draws, default 10,000; `seed`, default 0.
 * @throws {ArgumentError} if the number of draws is no whole number from 1.
 */
export function signFlipTest(
  differences: readonly number[],
  { flips = 10_000, seed = 0 }: { readonly flips?: number; readonly seed?: number } = {},
): SignFlipTest {
  if (!Number.isInteger(flips) || flips < 1)
    throw new ArgumentError(`signFlipTest: flips must be a whole number from 1, got ${flips}`);
  const values = Float64Array.from(differences);
  const n = values.length;
  const exact = n <= exactUpTo;
  const draws = exact ? 2 ** n : flips;
  const method = exact ? "exact" : "random";
  if (!values.every(Number.isFinite)) return { p: NaN, method, flips: draws };
  const size = values.reduce((sum, d) => sum + Math.abs(d), 0);
  // Sums that are equal but for rounding count as equal.
  const least = Math.abs(values.reduce((sum, d) => sum + d, 0)) - 1e-12 * size;
  const random = Random.of(seed, "sign flips", n);
  let hits = 0;
  for (let k = 0; k < draws; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const flip = exact ? (k >> i) & 1 : random.next() < 0.5;
      sum += flip ? -values[i]! : values[i]!;
    }
    if (Math.abs(sum) >= least) hits++;
  }
  return { p: exact ? hits / draws : (1 + hits) / (1 + draws), method, flips: draws };
}

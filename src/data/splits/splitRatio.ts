/** One random split by a ratio, such as 7:1:2. */
import { ArgumentError, DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { byName } from "../dataset.ts";
import { uniqueNames, type Split } from "./split.ts";
import { fillParts, isGrouped, unitsOf, type Splittable } from "./splitUnits.ts";

export interface RatioOptions {
  /** Training to validation to test; two numbers leave the test part empty. */
  readonly ratio: readonly number[];
  readonly seed: number;
}

/**
 * A random split whose parts are in this ratio, rounded so that the largest remainders get what is left
 * over; at least 1 where the ratio is above 0. Groups stay whole, and the sizes are then as near as they come.
 *
 * @throws {ArgumentError} if the ratio is not two or three numbers of at least 0, the first above 0.
 * @throws {DataError} if there are fewer samples or groups than parts, or names that repeat.
 */
export function splitRatio(samples: readonly Splittable[], { ratio, seed }: RatioOptions): Split {
  checkRatio(ratio);
  const names = uniqueNames(samples);
  const sizes = sizesOf(ratio, names.length);
  const random = Random.of(seed, "ratio");
  if (isGrouped(samples)) {
    const [train = [], validation = [], test = []] = fillParts(unitsOf(samples), sizes, random);
    return { train, validation, test };
  }
  const shuffled = random.shuffled(names);
  let start = 0;
  const [train = [], validation = [], test = []] = sizes.map((size) =>
    shuffled.slice(start, (start += size)).sort(byName),
  );
  return { train, validation, test };
}

/** `7:1:2` as numbers. @throws {ArgumentError} as `splitRatio`. */
export function parseRatio(text: string): number[] {
  const ratio = text.split(":").map((part) => (part.trim() === "" ? NaN : Number(part)));
  checkRatio(ratio, text);
  return ratio;
}

function checkRatio(ratio: readonly number[], got = ratio.join(":")): void {
  const good = ratio.every((part) => Number.isFinite(part) && part >= 0) && (ratio[0] ?? 0) > 0;
  if (good && (ratio.length === 2 || ratio.length === 3)) return;
  throw new ArgumentError(
    `ratio must be training:validation:test or training:validation in numbers of at least 0, the first above 0, got ${got}; write e.g. 7:1:2`,
  );
}

/** Whole sizes in this ratio that add up to `count`. */
function sizesOf(ratio: readonly number[], count: number): number[] {
  const total = ratio.reduce((a, b) => a + b);
  const exact = ratio.map((part) => (part / total) * count);
  const sizes = exact.map((size, i) => (ratio[i] === 0 ? 0 : Math.max(1, Math.floor(size))));
  const lacking = (i: number): number => (ratio[i] === 0 ? -Infinity : exact[i]! - sizes[i]!);
  const places = [...ratio.keys()];
  const sum = (): number => sizes.reduce((a, b) => a + b);
  while (sum() < count) sizes[places.reduce((a, b) => (lacking(b) > lacking(a) ? b : a))]!++;
  // Parts raised to 1 take from the largest.
  while (sum() > count) {
    const largest = places.reduce((a, b) => (sizes[b]! > sizes[a]! ? b : a));
    if (sizes[largest]! <= 1) {
      throw new DataError(
        `ratio: ${ratio.filter((part) => part > 0).length} parts must have at least one sample each, got ${count}; add samples`,
      );
    }
    sizes[largest]!--;
  }
  return sizes;
}

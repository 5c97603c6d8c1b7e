/** How a configuration says that the values of images are read. */
import { ArgumentError } from "../base/errors.ts";
import type { Sample } from "../data/dataset.ts";
import type { ValueRange } from "../data/images/valueRange.ts";
import type { RunConfig } from "./config.ts";

/** The options that say it. */
export type RangeOptions = Pick<RunConfig["data"], "normalise" | "normaliseRange">;

/**
 * How images are read by a configuration.
 *
 * @throws {ArgumentError} if a measured range is not whole.
 */
export function valueRangeOf({ normalise = "fixed", normaliseRange }: RangeOptions): ValueRange {
  if (normalise !== "dataset") return { mode: normalise };
  const [bits = 0, ...ends] = normaliseRange ?? [];
  if ((bits !== 8 && bits !== 16) || ends.length !== 6) {
    throw new ArgumentError(
      `data.normaliseRange must be 8 or 16 bits and three pairs of low and high values, got ${JSON.stringify(normaliseRange)}`,
    );
  }
  const [a, b, c, d, e, f] = ends as [number, number, number, number, number, number];
  return { mode: "dataset", bits, low: [a, c, e], high: [b, d, f] };
}

/** The samples, to be read so. */
export const readWith = (range: ValueRange, samples: readonly Sample[]): Sample[] =>
  samples.map((sample) => ({ ...sample, range }));

/** The samples of all parts, to be read so. */
export const partsReadWith = <
  Parts extends Record<"train" | "validation" | "test", readonly Sample[]>,
>(
  range: ValueRange,
  parts: Parts,
): Parts => ({
  ...parts,
  train: readWith(range, parts.train),
  validation: readWith(range, parts.validation),
  test: readWith(range, parts.test),
});

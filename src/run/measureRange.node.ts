/** Which stored values become black and white in a run: as told, or looked up in the training images. */
import { DataError } from "../base/errors.ts";
import type { Sample } from "../data/dataset.ts";
import {
  bitsOf,
  countValues,
  emptyCounts,
  extremes,
  measuredRange,
  type MeasuredRange,
  type ValueCounts,
} from "../data/images/valueRange.ts";
import { readSampleValues } from "../data/readSample.node.ts";
import type { RunConfig } from "./config.ts";

/** How many images are looked at where nothing is told, and at most where a range is measured. */
const lookedAt = 16;
const measuredOn = 1000;

/**
 * The `data` section with the range of values settled: measured on the training images with `dataset`; `fixed` where nothing is
 * told.
 *
 * @param told  whether the range need not be looked at: it was told, or the run is resumed
 * @throws {DataError} if nothing is told and the images have 16 bits but use less than a quarter of them, so that they would be
 *   seen as nearly black; if images of 8 and of 16 bits are to have one measured range.
 */
export async function withValueRange<Data extends RunConfig["data"]>(
  data: Data,
  training: readonly Sample[],
  told: boolean,
): Promise<Data> {
  const { normalise = "fixed" } = data;
  if (normalise === "dataset" && data.normaliseRange === undefined) {
    const measured = await measure(spread(training, measuredOn));
    return { ...data, normalise, normaliseRange: listOf(measured) };
  }
  if (!told) await refuseDark(data.path, spread(training, lookedAt));
  return { ...data, normalise };
}

const listOf = ({ bits, low, high }: MeasuredRange): number[] => [
  bits,
  ...low.flatMap((value, c) => [value, high[c]!]),
];

async function measure(samples: readonly Sample[]): Promise<MeasuredRange> {
  let counts: ValueCounts | undefined;
  let first = "";
  for (const sample of samples) {
    const image = await readSampleValues(sample);
    const bits = bitsOf(image);
    if (counts === undefined) first = sample.image;
    counts ??= emptyCounts(bits);
    if (counts.bits !== bits) {
      throw new DataError(
        `${sample.image}: images must have one depth to be normalised by the data set, got ${bits} bits here and ${counts.bits} in ${first}; say --normalise image`,
      );
    }
    countValues(image, counts);
  }
  return measuredRange(counts ?? emptyCounts(8));
}

/** Share of the range of 16 bits below which pictures look black. */
const dark = 1 / 4;

async function refuseDark(path: string, samples: readonly Sample[]): Promise<void> {
  let largest = 0;
  let deep = 0;
  for (const sample of samples) {
    // What cannot be read is named when all images are read.
    const image = await readSampleValues(sample).catch(() => undefined);
    if (image === undefined || bitsOf(image) !== 16) continue;
    deep++;
    const counts = emptyCounts(16);
    countValues(image, counts);
    largest = Math.max(largest, extremes(counts)[1]);
  }
  if (deep === 0 || largest >= dark * 2 ** 16) return;
  throw new DataError(
    `${path}: images of 16 bits must use their range, or it must be said how they are read, got values up to ${largest} of 65535 in the ${deep} looked at, which would be seen as nearly black; say --normalise image (each by its own percentiles), dataset (all by the same) or fixed (as they are)`,
  );
}

/** At most `count` entries, evenly spread. */
function spread<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries];
  return Array.from(
    { length: count },
    (_, i) => entries[Math.round((i * (entries.length - 1)) / (count - 1))]!,
  );
}

/** The four pixel counts of a mask pair, from which every overlap metric follows. */

import type { Mask } from "../tensor/raster.ts";
import { bitRows, countBits, countBoth, type BitRows } from "./bitRows.ts";
import { checkMasks } from "./checkMasks.ts";

/** Numbers of pixels; their sum is the size of the image. */
export interface PixelCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * Counts the pixels of a pair by what was predicted and what is true.
 *
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if a value is neither 0 nor 1.
 */
export function countPixels(prediction: Mask, truth: Mask): PixelCounts {
  checkMasks(prediction, truth);
  return countBitPixels(bitRows(prediction), bitRows(truth));
}

/** `countPixels` of masks that are packed already. */
export function countBitPixels(prediction: BitRows, truth: BitRows): PixelCounts {
  const both = countBoth(prediction, truth);
  const predicted = countBits(prediction);
  const actual = countBits(truth);
  return {
    truePositives: both,
    falsePositives: predicted - both,
    falseNegatives: actual - both,
    trueNegatives: truth.width * truth.height - predicted - actual + both,
  };
}

/** The counts of several pairs together. */
export const poolCounts = (all: readonly PixelCounts[]): PixelCounts =>
  all.reduce(
    (a, b) => ({
      truePositives: a.truePositives + b.truePositives,
      falsePositives: a.falsePositives + b.falsePositives,
      falseNegatives: a.falseNegatives + b.falseNegatives,
      trueNegatives: a.trueNegatives + b.trueNegatives,
    }),
    { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 },
  );

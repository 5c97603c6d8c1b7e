/** The four pixel counts of a mask pair, from which every overlap metric follows. */

import type { Mask } from "../tensor/raster.ts";
import { checkMasks } from "./checkMasks.ts";
import { ones, wordsOf } from "./wordsOf.ts";

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
  const p = wordsOf(prediction.data);
  const t = wordsOf(truth.data);
  let both = 0;
  let predicted = 0;
  let actual = 0;
  for (let i = 0; i < p.length; i++) {
    both += ones(p[i]! & t[i]!);
    predicted += ones(p[i]!);
    actual += ones(t[i]!);
  }
  return {
    truePositives: both,
    falsePositives: predicted - both,
    falseNegatives: actual - both,
    trueNegatives: truth.data.length - predicted - actual + both,
  };
}

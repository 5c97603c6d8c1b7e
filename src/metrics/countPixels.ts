/** The four pixel counts of a mask pair, from which every overlap metric follows. */

import type { Mask } from "../tensor/raster.ts";
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
  const p = prediction.data;
  const t = truth.data;
  let both = 0;
  let predicted = 0;
  let actual = 0;
  for (let i = 0; i < p.length; i++) {
    const a = p[i]!;
    const b = t[i]!;
    both += a & b;
    predicted += a;
    actual += b;
  }
  return {
    truePositives: both,
    falsePositives: predicted - both,
    falseNegatives: actual - both,
    trueNegatives: p.length - predicted - actual + both,
  };
}

/** The one expensive stage of all distance metrics: from each border pixel to the other border. */

import type { Mask } from "../tensor/raster.ts";
import { bitRows, type BitRows } from "./bitRows.ts";
import { borderBits } from "./border.ts";
import { checkMasks } from "./checkMasks.ts";
import { checkSpacing, pixelSpacing, type Spacing } from "./distanceTransform.ts";
import { nearestDistances } from "./nearestDistances.ts";

/** What most metrics need of a list of distances, taken in one pass. */
export interface Totals {
  readonly sum: number;
  /** -Infinity of none. */
  readonly maximum: number;
}

/** Border to border distances of a pair, in mm if a spacing was given, else in pixels. */
export interface SurfaceDistances {
  /**
   * One distance for each border pixel of the prediction, in any order, which percentiles may change; empty
   * if either mask is.
   */
  readonly predictionToTruth: Float64Array;
  /** The same for each border pixel of the truth. */
  readonly truthToPrediction: Float64Array;
  /** Of each list. */
  readonly predictionTotals: Totals;
  readonly truthTotals: Totals;
  readonly predictionEmpty: boolean;
  readonly truthEmpty: boolean;
  /** Length of the image's diagonal, sqrt((sy height)^2 + (sx width)^2). */
  readonly diagonal: number;
}

/**
 * Distances from the border pixels of each mask to the nearest border pixel of the other.
 *
 * @param prediction  mask of the truth's size.
 * @param truth       mask, at the resolution that the distances are meant for.
 * @param spacingMm   size of a pixel in mm; default: distances in pixels.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if the spacing is not positive and finite.
 */
export function surfaceDistances(
  prediction: Mask,
  truth: Mask,
  spacingMm: Spacing = pixelSpacing,
): SurfaceDistances {
  checkMasks(prediction, truth);
  return surfaceDistancesOfBits(bitRows(prediction), bitRows(truth), spacingMm);
}

/**
 * `surfaceDistances` of masks that are packed already.
 *
 * @throws {ArgumentError} if the spacing is not positive and finite.
 */
export function surfaceDistancesOfBits(
  prediction: BitRows,
  truth: BitRows,
  spacingMm: Spacing = pixelSpacing,
): SurfaceDistances {
  checkSpacing(spacingMm);
  const diagonal = Math.hypot(spacingMm.y * truth.height, spacingMm.x * truth.width);
  const ofPrediction = bounds(prediction);
  const ofTruth = bounds(truth);
  const none = new Float64Array(0);
  if (ofPrediction === undefined || ofTruth === undefined)
    return {
      predictionToTruth: none,
      truthToPrediction: none,
      predictionTotals: totalsOf(none),
      truthTotals: totalsOf(none),
      predictionEmpty: ofPrediction === undefined,
      truthEmpty: ofTruth === undefined,
      diagonal,
    };
  // Nothing outside the common bounding box can change a distance, so the rest is cut away. What
  // leaves the box on a side is background, so the border inside it is the border of the whole.
  const box = unite(ofPrediction, ofTruth);
  const p = borderBits(crop(prediction, box));
  const t = borderBits(crop(truth, box));
  const predictionToTruth = nearestDistances(p, t, spacingMm);
  const truthToPrediction = nearestDistances(t, p, spacingMm);
  return {
    predictionToTruth,
    truthToPrediction,
    predictionTotals: totalsOf(predictionToTruth),
    truthTotals: totalsOf(truthToPrediction),
    predictionEmpty: false,
    truthEmpty: false,
    diagonal,
  };
}

function totalsOf(values: Float64Array): Totals {
  let sum = 0;
  let maximum = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    sum += value;
    if (value > maximum) maximum = value;
  }
  return { sum, maximum };
}

/** Rows top to bottom and words of them left to right, the last ones excluded. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

function bounds({ words, data }: BitRows): Box | undefined {
  const first = data.findIndex((word) => word !== 0);
  if (first < 0) return undefined;
  const top = Math.floor(first / words);
  const bottom = Math.floor(data.findLastIndex((word) => word !== 0) / words) + 1;
  let left = words;
  let right = 0;
  for (let i = top * words; i < bottom * words; i++) {
    if (data[i] === 0) continue;
    const j = i % words;
    left = Math.min(left, j);
    right = Math.max(right, j + 1);
  }
  return { top, bottom, left, right };
}

const unite = (a: Box, b: Box): Box => ({
  top: Math.min(a.top, b.top),
  bottom: Math.max(a.bottom, b.bottom),
  left: Math.min(a.left, b.left),
  right: Math.max(a.right, b.right),
});

function crop({ width, words, data }: BitRows, { top, bottom, left, right }: Box): BitRows {
  const across = right - left;
  const height = bottom - top;
  const cut = new Uint32Array(across * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * words + left;
    cut.set(data.subarray(from, from + across), y * across);
  }
  return { width: Math.min(width, 32 * right) - 32 * left, height, words: across, data: cut };
}

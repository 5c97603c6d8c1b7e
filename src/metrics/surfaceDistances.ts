/** The one expensive stage of all distance metrics: from each border pixel to the other border. */

import type { Mask } from "../tensor/raster.ts";
import { border, foregroundIndices } from "./border.ts";
import { checkMasks } from "./checkMasks.ts";
import { checkSpacing, distancesAt, pixelSpacing, type Spacing } from "./distanceTransform.ts";

/** Border to border distances of a pair, in mm if a spacing was given, else in pixels. */
export interface SurfaceDistances {
  /** One distance for each border pixel of the prediction; empty if either mask is. */
  readonly predictionToTruth: Float64Array;
  /** One distance for each border pixel of the truth; empty if either mask is. */
  readonly truthToPrediction: Float64Array;
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
  checkSpacing(spacingMm);
  const diagonal = Math.hypot(spacingMm.y * truth.height, spacingMm.x * truth.width);
  const ofPrediction = bounds(prediction);
  const ofTruth = bounds(truth);
  if (ofPrediction === undefined || ofTruth === undefined)
    return {
      predictionToTruth: new Float64Array(0),
      truthToPrediction: new Float64Array(0),
      predictionEmpty: ofPrediction === undefined,
      truthEmpty: ofTruth === undefined,
      diagonal,
    };
  // Nothing outside the common bounding box can change a distance, so the rest is cut away. What
  // leaves the box on a side is background, so the border inside it is the border of the whole.
  const box = unite(ofPrediction, ofTruth);
  const p = border(crop(prediction, box));
  const t = border(crop(truth, box));
  return {
    predictionToTruth: distancesAt(foregroundIndices(p), t, spacingMm),
    truthToPrediction: distancesAt(foregroundIndices(t), p, spacingMm),
    predictionEmpty: false,
    truthEmpty: false,
    diagonal,
  };
}

/** Rows top to bottom and columns left to right, the last ones excluded. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

function bounds({ width, height, data }: Mask): Box | undefined {
  const first = data.indexOf(1);
  if (first < 0) return undefined;
  const top = Math.floor(first / width);
  const bottom = Math.floor(data.lastIndexOf(1) / width) + 1;
  let left = width;
  let right = 0;
  for (let y = top; y < bottom; y++) {
    const row = y * width;
    for (let x = 0; x < left; x++) if (data[row + x] !== 0) left = x;
    for (let x = width - 1; x >= right; x--) if (data[row + x] !== 0) right = x + 1;
  }
  return { top, bottom: Math.min(bottom, height), left, right };
}

const unite = (a: Box, b: Box): Box => ({
  top: Math.min(a.top, b.top),
  bottom: Math.max(a.bottom, b.bottom),
  left: Math.min(a.left, b.left),
  right: Math.max(a.right, b.right),
});

function crop(mask: Mask, { top, bottom, left, right }: Box): Mask {
  const width = right - left;
  const height = bottom - top;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * mask.width + left;
    data.set(mask.data.subarray(from, from + width), y * width);
  }
  return { width, height, data };
}

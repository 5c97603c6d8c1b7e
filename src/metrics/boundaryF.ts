/** Boundary F: how much of two contours lies close to the other, as the DAVIS benchmark measures it. */

import type { Mask } from "../tensor/raster.ts";
import { bitRows, countBits, countBoth, dilateByDisk, noBits, type BitRows } from "./bitRows.ts";
import { checkMasks } from "./checkMasks.ts";

/** Tolerance as a share of the image's diagonal. */
const toleranceShare = 0.008;

/**
 * Boundary F = 2 p r / (p + r): p the share of the prediction's contour pixels at most `tolerance` from a
 * contour pixel of the truth, r the share of the truth's close to the prediction's; tolerance =
 * ceil(0.008 diagonal) pixels. Contour pixels differ from their right, lower or lower right neighbour;
 * beyond the frame the image goes on as it ends, so a mask that fills the image has no contour.
 *
 * @returns 0 to 1; 1 if both masks are empty, 0 if one is. Where neither is, but both fill the image, 1;
 *   where just one does, 0.
 * @see Perazzi et al., DAVIS (CVPR 2016)
 */
export function boundaryFOf(prediction: BitRows, truth: BitRows): number {
  if (noBits(prediction) || noBits(truth)) return noBits(prediction) === noBits(truth) ? 1 : 0;
  const tolerance = Math.ceil(toleranceShare * Math.hypot(truth.width, truth.height));
  const p = contour(prediction);
  const t = contour(truth);
  const ofPrediction = countBits(p);
  const ofTruth = countBits(t);
  if (ofPrediction === 0 || ofTruth === 0) return ofPrediction === ofTruth ? 1 : 0;
  const precision = countBoth(p, dilateByDisk(t, tolerance)) / ofPrediction;
  const recall = countBoth(t, dilateByDisk(p, tolerance)) / ofTruth;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** `boundaryFOf` two masks of one size, values 0 and 1. */
export function boundaryF(prediction: Mask, truth: Mask): number {
  checkMasks(prediction, truth);
  return boundaryFOf(bitRows(prediction), bitRows(truth));
}

function contour(mask: BitRows): BitRows {
  const { width, height, words, data } = mask;
  const out = new Uint32Array(data.length);
  const lastBit = (width - 1) & 31;
  const lastWord = words - 1;
  /** The row one pixel further right: its word j, with the row's last pixel repeated. */
  const right = (row: number, j: number) => {
    const word = data[row + j]!;
    if (j < lastWord) return (word >>> 1) | (data[row + j + 1]! << 31);
    return (word >>> 1) | (word & (1 << lastBit));
  };
  for (let y = 0; y < height; y++) {
    const row = y * words;
    const below = y + 1 < height ? row + words : row;
    for (let j = 0; j < words; j++) {
      const here = data[row + j]!;
      out[row + j] = (here ^ right(row, j)) | (here ^ data[below + j]!) | (here ^ right(below, j));
    }
  }
  return { ...mask, data: out };
}

/** Boundary IoU: overlap of the inner rims of two masks, so that large objects cannot hide poor edges. */

import type { Mask } from "../tensor/raster.ts";
import { bitRows, countBits, countBoth, erodeBySquare, type BitRows } from "./bitRows.ts";
import { checkMasks } from "./checkMasks.ts";

/** Width of the rim as a share of the image's diagonal. */
const rimShare = 0.02;

/**
 * Boundary IoU = |P_d and T_d| / |P_d or T_d|, where M_d are the pixels of M that d erosions by a 3 x 3
 * square take away, outside the image being 0, and d = max(1, round(0.02 diagonal)) in pixels (halves to
 * the even number, as Python rounds).
 *
 * @returns 0 to 1; 1 if both masks are empty, 0 if one is.
 * @see Cheng et al., Boundary IoU (CVPR 2021)
 */
export function boundaryIouOf(prediction: BitRows, truth: BitRows): number {
  const radius = Math.max(1, roundHalfToEven(rimShare * Math.hypot(truth.width, truth.height)));
  const p = rim(prediction, radius);
  const t = rim(truth, radius);
  const both = countBoth(p, t);
  const either = countBits(p) + countBits(t) - both;
  return either === 0 ? 1 : both / either;
}

/** `boundaryIouOf` two masks of one size, values 0 and 1. */
export function boundaryIou(prediction: Mask, truth: Mask): number {
  checkMasks(prediction, truth);
  return boundaryIouOf(bitRows(prediction), bitRows(truth));
}

function rim(mask: BitRows, radius: number): BitRows {
  const inner = erodeBySquare(mask, radius).data;
  return { ...mask, data: mask.data.map((word, i) => word & ~inner[i]!) };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below === 0.5) return below % 2 === 0 ? below : below + 1;
  return Math.round(value);
}

/** Outlines of the true and the predicted region, drawn over the picture. */

import { border, foregroundIndices } from "../metrics/border.ts";
import { distancesAt } from "../metrics/distanceTransform.ts";
import { ShapeError } from "../tensor/errors.ts";
import type { Mask, RgbImage } from "../tensor/raster.ts";
import { agreementColour, predictionColour, truthColour, type Rgb } from "./palette.ts";

export interface OverlayMasks {
  /** Drawn in blue. */
  readonly truth?: Mask;
  /** Drawn in yellow. */
  readonly prediction?: Mask;
}

/**
 * A copy of the image with contours: truth blue, prediction yellow, white where they coincide.
 *
 * A contour lies inside its region, its outer edge on the region's edge, max(1, longer side / 240)
 * pixels wide, so that it looks the same at every size.
 *
 * @param image  any size.
 * @param masks  each of the image's size; an empty mask has no contour.
 * @throws {ShapeError} if a mask has another size than the image.
 */
export function drawOverlay(image: RgbImage, { truth, prediction }: OverlayMasks): RgbImage {
  const { width, height } = image;
  const data = Uint8Array.from(image.data);
  const thickness = Math.max(1, Math.round(Math.max(width, height) / 240));
  const drawn = new Uint8Array(width * height);

  function outline(role: string, mask: Mask, colour: Rgb): void {
    if (mask.width !== width || mask.height !== height)
      throw new ShapeError(
        `drawOverlay: ${role} must have the image's size ${width} x ${height} (width x height), ` +
          `got ${mask.width} x ${mask.height}; resize it first`,
      );
    for (const pixel of contour(mask, thickness)) {
      data.set(drawn[pixel] === 0 ? colour : agreementColour, pixel * 3);
      drawn[pixel] = 1;
    }
  }

  if (truth !== undefined) outline("truth", truth, truthColour);
  if (prediction !== undefined) outline("prediction", prediction, predictionColour);
  return { width, height, data };
}

/** Indices of the foreground pixels less than `thickness` away from the mask's border pixels. */
function contour(mask: Mask, thickness: number): Int32Array {
  const edge = border(mask);
  if (thickness === 1) return foregroundIndices(edge);
  const inside = foregroundIndices(mask);
  const distances = distancesAt(inside, edge);
  return inside.filter((_, i) => distances[i]! < thickness);
}

/** Outlines of the true and the predicted regions, drawn over the picture. */

import { foregroundIndices } from "../metrics/border.ts";
import { distancesAt } from "../metrics/distanceTransform.ts";
import { ShapeError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { outline, regionIds, type Regions } from "./outline.ts";
import { agreementColour, predictionColour, truthColour, type Rgb } from "./palette.ts";

/** A mask is one region; of labels, every instance or else every class has its own contour. */
export interface OverlayRegions {
  /** Drawn in blue. */
  readonly truth?: Regions;
  /** Drawn in yellow. */
  readonly prediction?: Regions;
}

/**
 * How wide contours are drawn, in pixels, so that they look the same at every size of the image; no wider than the image, which
 * may be a line.
 */
export const contourWidth = ({ width, height }: { width: number; height: number }): number =>
  Math.max(1, Math.min(width, height, Math.round(Math.max(width, height) / 240)));

/**
 * A copy of the image with contours: truth blue, prediction yellow, white where they coincide.
 *
 * A contour lies inside its region, its outer edge on the region's edge, max(1, longer side / 240)
 * pixels wide, so that it looks the same at every size.
 *
 * @param image    any size.
 * @param regions  each of the image's size; an empty mask has no contour.
 * @param thickness  of the contours; given for a part of an image
 * @throws {ShapeError} if regions have another size than the image.
 */
export function drawOverlay(
  image: RgbImage,
  { truth, prediction }: OverlayRegions,
  thickness = contourWidth(image),
): RgbImage {
  const { width, height } = image;
  const data = Uint8Array.from(image.data);
  const drawn = new Uint8Array(width * height);

  function draw(role: string, regions: Regions, colour: Rgb): void {
    if (regions.width !== width || regions.height !== height)
      throw new ShapeError(
        `drawOverlay: ${role} must have the image's size ${width} x ${height} (width x height), ` +
          `got ${regions.width} x ${regions.height}; resize it first`,
      );
    for (const pixel of contour(regions, thickness)) {
      data.set(drawn[pixel] === 0 ? colour : agreementColour, pixel * 3);
      drawn[pixel] = 1;
    }
  }

  if (truth !== undefined) draw("truth", truth, truthColour);
  if (prediction !== undefined) draw("prediction", prediction, predictionColour);
  return { width, height, data };
}

/** Indices of the pixels of regions less than `thickness` away from an outermost pixel. */
function contour(regions: Regions, thickness: number): Int32Array {
  const { width, height } = regions;
  const edge = outline(regions);
  if (thickness === 1) return foregroundIndices(edge);
  const foreground = Uint8Array.from(regionIds(regions), (id) => (id === 0 ? 0 : 1));
  const inside = foregroundIndices({ width, height, data: foreground });
  const distances = distancesAt(inside, edge);
  return inside.filter((_, i) => distances[i]! < thickness);
}

/** Cutting a rectangle out of an image and its labels, mirrored where the image is too small. */
import { ArgumentError } from "../base/errors.ts";
import type { Labelled } from "../tensor/raster.ts";
import { cutWindow } from "./augment/window.ts";

/**
 * The rectangle from (x, y) on. What lies beyond the right and lower border is mirrored about the last pixel, which is not
 * repeated (`abcd|cba`), as often as needed. `cutWindow` also takes rectangles that begin outside.
 *
 * @param x  left column, from 0 to below the width
 * @param y  upper row, from 0 to below the height
 * @returns the same object where the rectangle is the whole image
 * @throws {ArgumentError} if (x, y) lies outside the image, or the rectangle has no pixel.
 */
export function cropAt(
  sample: Labelled,
  x: number,
  y: number,
  width: number,
  height: number,
): Labelled {
  const { image } = sample;
  if (x < 0 || y < 0 || x >= image.width || y >= image.height || width < 1 || height < 1) {
    throw new ArgumentError(
      `cropAt: rectangle must begin inside the image of ${image.width} x ${image.height} and have pixels, got ${width} x ${height} at ${x}, ${y}`,
    );
  }
  return cutWindow(sample, x, y, width, height);
}

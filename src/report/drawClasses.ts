/** Every class in its own colour, laid over the picture. */
import { ShapeError } from "../base/errors.ts";
import type { Labels, RgbImage } from "../tensor/raster.ts";
import { classColour, mixed, rgbOf } from "./palette.ts";

/**
 * A copy of the image with its classes tinted, half colour and half image, in the colours of `classColour`.
 *
 * @throws {ShapeError} if labels and image differ in size.
 */
export function drawClasses(image: RgbImage, labels: Labels): RgbImage {
  const { width, height } = image;
  if (labels.width !== width || labels.height !== height)
    throw new ShapeError(
      `drawClasses: labels must have the image's size ${width} x ${height} (width x height), ` +
        `got ${labels.width} x ${labels.height}; resize them first`,
    );
  const data = Uint8Array.from(image.data);
  for (const [i, kind] of labels.classes.entries()) {
    if (kind === 0) continue;
    const own = [data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!] as const;
    data.set(mixed(own, rgbOf(classColour(kind)), 0.5), i * 3);
  }
  return { width, height, data };
}

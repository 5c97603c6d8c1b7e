/** Outlines of every labelled object, drawn over the picture. */
import { ShapeError } from "../base/errors.ts";
import type { Labels, RgbImage } from "../tensor/raster.ts";
import { classColour, rgbOf } from "./palette.ts";

/**
 * A copy of the image in which the outermost pixels of each object have the colour of its class: pixels
 * with a side in common with another class, another instance or the background. The frame of the picture
 * is no such side.
 *
 * @throws {ShapeError} if labels and image differ in size.
 */
export function drawLabels(image: RgbImage, labels: Labels): RgbImage {
  const { width, height } = image;
  if (labels.width !== width || labels.height !== height) {
    throw new ShapeError(
      `drawLabels: labels must have the image's size ${width} x ${height} (width x height), ` +
        `got ${labels.width} x ${labels.height}; resize them first`,
    );
  }
  const { classes, instances } = labels;
  const differs = (a: number, b: number): boolean =>
    classes[a] !== classes[b] || (instances !== undefined && instances[a] !== instances[b]);
  const data = Uint8Array.from(image.data);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (classes[at] === 0) continue;
      const outermost =
        (x > 0 && differs(at, at - 1)) ||
        (x < width - 1 && differs(at, at + 1)) ||
        (y > 0 && differs(at, at - width)) ||
        (y < height - 1 && differs(at, at + width));
      if (outermost) data.set(rgbOf(classColour(classes[at]!)), at * 3);
    }
  }
  return { width, height, data };
}

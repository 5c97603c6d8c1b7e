/** Cutting a rectangle out of an image and its labels, mirrored where the image is too small. */
import { ArgumentError } from "../tensor/errors.ts";
import type { Labelled } from "../tensor/raster.ts";

/**
 * The rectangle from (x, y) on. What lies beyond the right and lower border is mirrored about the last pixel, which is not
 * repeated (`abcd|cba`), as often as needed.
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
  const { image, labels } = sample;
  if (x < 0 || y < 0 || x >= image.width || y >= image.height || width < 1 || height < 1) {
    throw new ArgumentError(
      `cropAt: rectangle must begin inside the image of ${image.width} x ${image.height} and have pixels, got ${width} x ${height} at ${x}, ${y}`,
    );
  }
  if (x === 0 && y === 0 && width === image.width && height === image.height) return sample;
  const columns = mirrored(x, width, image.width);
  const rows = mirrored(y, height, image.height);
  const data = new Uint8Array(width * height * 3);
  const classes = new Uint8Array(width * height);
  const instances = labels.instances && new Int32Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    const start = rows[row]! * image.width;
    for (let column = 0; column < width; column++, to++) {
      const from = start + columns[column]!;
      data[to * 3] = image.data[from * 3]!;
      data[to * 3 + 1] = image.data[from * 3 + 1]!;
      data[to * 3 + 2] = image.data[from * 3 + 2]!;
      classes[to] = labels.classes[from]!;
      if (instances) instances[to] = labels.instances![from]!;
    }
  }
  return {
    image: { width, height, data },
    labels: { width, height, classes, ...(instances && { instances }) },
  };
}

/** Source of each of `count` positions from `start` on, mirrored at the ends of 0..size - 1. */
function mirrored(start: number, count: number, size: number): Int32Array {
  const period = Math.max(1, 2 * (size - 1));
  return Int32Array.from({ length: count }, (_, i) => {
    const at = (start + i) % period;
    return at < size ? at : period - at;
  });
}

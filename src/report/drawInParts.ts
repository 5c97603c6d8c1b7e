/** Drawing over a large picture part by part, so that what drawing needs stays small. */
import type { Labels, RgbImage } from "../tensor/raster.ts";

/** Pixels of a part, about: what is drawn takes some 20 bytes for each. */
const partPixels = 2 ** 20;

/**
 * The rows of a drawn picture from the top down, some at a time; they are those of `draw(image, labels)`.
 *
 * @param reach  how far from a pixel what is drawn on it depends on labels, pixels
 * @param draw   draws over a part of the picture, whose border may be drawn wrong as far in as `reach`
 */
export function* drawInParts(
  image: RgbImage,
  labels: Labels,
  reach: number,
  draw: (image: RgbImage, labels: Labels) => RgbImage,
): Generator<Uint8Array, void, undefined> {
  const { width, height } = image;
  if (width * height <= partPixels) {
    yield draw(image, labels).data;
    return;
  }
  const columns = Math.min(width, Math.max(4096, 8 * reach));
  const rows = Math.max(8 * reach, Math.floor(partPixels / columns), 1);
  for (let y = 0; y < height; y += rows) {
    const bottom = Math.min(height, y + rows);
    const strip = new Uint8Array((bottom - y) * width * 3);
    for (let x = 0; x < width; x += columns) {
      const right = Math.min(width, x + columns);
      const left = Math.max(0, x - reach);
      const top = Math.max(0, y - reach);
      const window = [left, top, Math.min(width, right + reach), Math.min(height, bottom + reach)];
      const drawn = draw(...part(image, labels, window as [number, number, number, number]));
      for (let row = y; row < bottom; row++) {
        const from = ((row - top) * drawn.width + (x - left)) * 3;
        strip.set(drawn.data.subarray(from, from + (right - x) * 3), ((row - y) * width + x) * 3);
      }
    }
    yield strip;
  }
}

function part(
  image: RgbImage,
  labels: Labels,
  [left, top, right, bottom]: readonly [number, number, number, number],
): [RgbImage, Labels] {
  const size = { width: right - left, height: bottom - top };
  const cut = <T extends Uint8Array | Int32Array>(from: T, into: T, values: number): T => {
    for (let row = 0; row < size.height; row++) {
      const at = ((top + row) * image.width + left) * values;
      into.set(from.subarray(at, at + size.width * values), row * size.width * values);
    }
    return into;
  };
  const area = size.width * size.height;
  const { classes, instances } = labels;
  return [
    { ...size, data: cut(image.data, new Uint8Array(3 * area), 3) },
    {
      ...size,
      classes: cut(classes, new Uint8Array(area), 1),
      ...(instances && { instances: cut(instances, new Int32Array(area), 1) }),
    },
  ];
}

/** Outlines of every instance, drawn over the picture. */
import type { IdMap } from "../instances/idMap.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { colourInstances } from "./colourInstances.ts";
import { truthInstanceColour, type Rgb } from "./palette.ts";

export interface DrawInstancesOptions {
  /** Ids of the true instances: drawn in white, under the predicted ones, and two pixels wide where it is enlarged. */
  readonly truth?: Int32Array;
  /** How many times to enlarge, a whole number; outlines stay one pixel wide. Default: as often as the longer side stays within 800. */
  readonly scale?: number;
}

/**
 * An enlarged copy of the image with the outline of every instance in a colour of its own, different from that of
 * its neighbours. Outlines lie inside their instances, so that two that touch show side by side; the frame of the picture is no
 * outline.
 *
 * @param ids  0 background, row by row
 * @throws {ShapeError} if ids do not fill the image.
 * @throws {ArgumentError} if the scale is no whole number from 1.
 */
export function drawInstances(
  image: RgbImage,
  ids: Int32Array,
  { truth, scale = enlargement(image) }: DrawInstancesOptions = {},
): RgbImage {
  if (!Number.isInteger(scale) || scale < 1)
    throw new ArgumentError(`drawInstances: scale must be a whole number from 1, got ${scale}`);
  for (const [role, map] of [["ids", ids] as const, ["truth", truth ?? ids] as const])
    if (map.length !== image.width * image.height)
      throw new ShapeError(
        `drawInstances: ${role} of ${image.width} x ${image.height} (width x height) must number ` +
          `${image.width * image.height}, got ${map.length}; resize them first`,
      );
  const large = enlarge(image, scale);
  const { width, height } = image;
  if (truth) {
    const white = (): Rgb => truthInstanceColour;
    outline(large, { width, height, data: truth }, scale, Math.min(2, scale), white);
  }
  const colours = colourInstances({ width, height, data: ids });
  outline(large, { width, height, data: ids }, scale, 1, (id) => colours.get(id)!);
  return large;
}

const enlargement = ({ width, height }: RgbImage): number =>
  Math.max(1, Math.floor(800 / Math.max(width, height)));

/** Every pixel `scale` times as wide and high. */
function enlarge({ width, height, data }: RgbImage, scale: number): RgbImage {
  const stride = 3 * width * scale;
  const large = new Uint8Array(stride * height * scale);
  for (let y = 0; y < height; y++) {
    const first = y * scale * stride;
    for (let x = 0; x < width; x++) {
      const pixel = data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3);
      for (let k = 0; k < scale; k++) large.set(pixel, first + 3 * (x * scale + k));
    }
    for (let k = 1; k < scale; k++) large.copyWithin(first + k * stride, first, first + stride);
  }
  return { width: width * scale, height: height * scale, data: large };
}

/** Paints, of every pixel that borders on another id, the `thickness` outermost of its `scale` rows or columns. */
function outline(
  { width: stride, data }: RgbImage,
  { width, height, data: ids }: IdMap,
  scale: number,
  thickness: number,
  colourOf: (id: number) => Rgb,
): void {
  const fill = (x: number, y: number, w: number, h: number, colour: Rgb): void => {
    for (let v = y; v < y + h; v++)
      for (let u = x; u < x + w; u++) data.set(colour, 3 * (v * stride + u));
  };
  const far = scale - thickness;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const id = ids[i]!;
      if (id === 0) continue;
      const other = (dx: number, dy: number): boolean => {
        const [u, v] = [x + dx, y + dy];
        return u >= 0 && v >= 0 && u < width && v < height && ids[v * width + u] !== id;
      };
      const [left, top] = [x * scale, y * scale];
      const colour = colourOf(id);
      if (other(0, -1)) fill(left, top, scale, thickness, colour);
      if (other(0, 1)) fill(left, top + far, scale, thickness, colour);
      if (other(-1, 0)) fill(left, top, thickness, scale, colour);
      if (other(1, 0)) fill(left + far, top, thickness, scale, colour);
      // Inner corners, which would leave gaps between the outlines of neighbouring pixels.
      for (const dx of [-1, 1])
        for (const dy of [-1, 1])
          if (other(dx, dy))
            fill(left + (dx > 0 ? far : 0), top + (dy > 0 ? far : 0), thickness, thickness, colour);
    }
  }
}

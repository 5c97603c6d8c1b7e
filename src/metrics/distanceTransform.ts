/** Exact Euclidean distance transform in time linear in the pixels. */

import { ArgumentError } from "../tensor/errors.ts";
import type { Mask } from "../tensor/raster.ts";

/** The size of one pixel in millimetres, or any other unit: down a column (y), along a row (x). */
export interface Spacing {
  readonly y: number;
  readonly x: number;
}

/** Distances in pixels. */
export const pixelSpacing: Spacing = { y: 1, x: 1 };

/**
 * D(y, x) = min over foreground pixels (v, u) of sqrt((sy (y - v))^2 + (sx (x - u))^2).
 *
 * Two passes: the nearest foreground pixel of each column by two scans, then along each row the lower
 * envelope of the parabolas that those distances stand for.
 *
 * @param features  the pixels to measure to.
 * @param spacing   size of a pixel, both positive and finite; default one pixel.
 * @returns         one distance a pixel, row by row; Infinity everywhere if `features` is empty.
 * @throws {ArgumentError} if the spacing is not positive and finite.
 * @see Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions (2012)
 */
export function distanceTransform(features: Mask, spacing: Spacing = pixelSpacing): Float64Array {
  checkSpacing(spacing);
  const { width, height, data } = features;
  const squared = columnDistances(data, width, height, spacing.y);
  const scale = spacing.x * spacing.x;

  // The envelope of one row: parabola k has its apex at apex[k], height[k] there, and is the lowest
  // from start[k] on.
  const apex = new Int32Array(width);
  const heights = new Float64Array(width);
  const start = new Float64Array(width + 1);
  for (let row = 0; row < data.length; row += width) {
    let last = -1;
    for (let x = 0; x < width; x++) {
      const f = squared[row + x]!;
      if (f === Infinity) continue;
      let from = -Infinity;
      while (last >= 0) {
        const u = apex[last]!;
        from = ((f - heights[last]!) / scale + (x - u) * (x + u)) / (2 * (x - u));
        if (from > start[last]!) break;
        last--;
      }
      last++;
      apex[last] = x;
      heights[last] = f;
      start[last] = last === 0 ? -Infinity : from;
    }
    if (last < 0) continue;
    start[last + 1] = Infinity;
    for (let x = 0, k = 0; x < width; x++) {
      while (start[k + 1]! < x) k++;
      const dx = x - apex[k]!;
      squared[row + x] = Math.sqrt(scale * dx * dx + heights[k]!);
    }
  }
  return squared;
}

/** Squared distance to the nearest foreground pixel of the same column, Infinity where it has none. */
function columnDistances(
  data: Uint8Array,
  width: number,
  height: number,
  sy: number,
): Float64Array {
  const squared = new Float64Array(data.length);
  const steps = new Float64Array(width).fill(Infinity);
  // Row by row, all columns at once, so that memory is read in its order.
  for (let row = 0; row < data.length; row += width)
    for (let x = 0; x < width; x++)
      squared[row + x] = steps[x] = data[row + x] !== 0 ? 0 : steps[x]! + 1;
  steps.fill(Infinity);
  for (let row = (height - 1) * width; row >= 0; row -= width)
    for (let x = 0; x < width; x++) {
      const up = squared[row + x]!;
      const down = (steps[x] = up === 0 ? 0 : steps[x]! + 1);
      const d = sy * (up < down ? up : down);
      squared[row + x] = d * d;
    }
  return squared;
}

/** @throws {ArgumentError} if a side of the pixel is not a positive, finite number. */
export function checkSpacing({ y, x }: Spacing): void {
  if (!(y > 0 && x > 0 && y < Infinity && x < Infinity))
    throw new ArgumentError(
      `distances: spacing must be positive and finite, got ${y} (y) and ${x} (x)`,
    );
}

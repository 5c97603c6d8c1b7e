/** Exact Euclidean distance transform in time linear in the pixels. */

import { ArgumentError } from "../base/errors.ts";
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
 * @param features  the pixels to measure to.
 * @param spacing   size of a pixel, both positive and finite; default one pixel.
 * @returns         one distance a pixel, row by row; Infinity everywhere if `features` is empty.
 * @throws {ArgumentError} if the spacing is not positive and finite.
 */
export const distanceTransform = (features: Mask, spacing: Spacing = pixelSpacing): Float64Array =>
  distancesAt(
    Int32Array.from(features.data, (_, index) => index),
    features,
    spacing,
  );

/**
 * The distance transform at some pixels only, which leaves out what nobody asks for.
 *
 * Two passes: the nearest foreground pixel of each column by two scans, then row by row the lower
 * envelope of the parabolas that those distances stand for. Where few steps along the row settle all
 * its targets, as between borders that lie close together, the envelope is not built; the steps are
 * bounded by a share of the row's width, so that the time stays linear whatever the masks.
 *
 * @param targets   indices of pixels, `y * width + x`, ascending.
 * @param features  the pixels to measure to.
 * @param spacing   size of a pixel, both positive and finite; default one pixel.
 * @param distances where they go, one a target; default a new array.
 * @returns         one distance a target; Infinity if `features` is empty.
 * @throws {ArgumentError} if the spacing is not positive and finite.
 * @see Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions (2012)
 */
export function distancesAt(
  targets: Int32Array,
  features: Mask,
  spacing: Spacing = pixelSpacing,
  distances = new Float64Array(targets.length),
): Float64Array {
  checkSpacing(spacing);
  const { width } = features;
  if (!features.data.includes(1)) return distances.fill(Infinity);
  const steps = columnSteps(features);
  const sy2 = spacing.y * spacing.y;
  const sx2 = spacing.x * spacing.x;
  // Two parabolas k columns apart meet at (difference of heights) / (2 sx^2 k) from their middle.
  const slope = Float64Array.from({ length: width }, (_, k) => 1 / (2 * sx2 * k));

  const envelope: Envelope = {
    apex: new Int32Array(width),
    height: new Float64Array(width),
    start: new Float64Array(width + 1),
  };

  let next = 0;
  while (next < targets.length) {
    const row = Math.floor(targets[next]! / width) * width;
    const end = row + width;
    let budget = width >> 2;
    for (; next < targets.length && targets[next]! < end; next++) {
      const target = targets[next]!;
      const g = steps[target]!;
      let best = g >= none ? Infinity : sy2 * g * g;
      let k = 1;
      for (; sx2 * k * k < best && budget > 0; k++, budget--) {
        const left = target - k < row ? none : steps[target - k]!;
        const right = target + k >= end ? none : steps[target + k]!;
        const near = left < right ? left : right;
        const d = sx2 * k * k + sy2 * near * near;
        if (near < none && d < best) best = d;
      }
      if (sx2 * k * k < best) break;
      distances[next] = Math.sqrt(best);
    }
    if (next === targets.length || targets[next]! >= end) continue;
    buildEnvelope(envelope, steps.subarray(row, end), sy2, slope);
    next = readEnvelope(envelope, sx2, row, targets, next, distances);
  }
  return distances;
}

/**
 * The lower envelope of one row: parabola k has its apex at column apex[k], at height[k], and is the
 * lowest one from column start[k] to start[k + 1].
 */
interface Envelope {
  readonly apex: Int32Array;
  readonly height: Float64Array;
  readonly start: Float64Array;
}

// Functions of their own: V8 keeps what they are given in registers, and not what a closure captures.

function buildEnvelope(
  { apex, height, start }: Envelope,
  steps: Int32Array,
  sy2: number,
  slope: Float64Array,
): void {
  let last = -1;
  for (let x = 0; x < steps.length; x++) {
    const g = steps[x]!;
    if (g >= none) continue;
    const h = sy2 * g * g;
    let from = -Infinity;
    while (last >= 0) {
      const u = apex[last]!;
      from = (h - height[last]!) * slope[x - u]! + 0.5 * (x + u);
      if (from > start[last]!) break;
      from = -Infinity;
      last--;
    }
    last++;
    apex[last] = x;
    height[last] = h;
    start[last] = from;
  }
  start[last + 1] = Infinity;
}

/** Distances of the row's targets, from the one at `next` on; returns the first one behind the row. */
function readEnvelope(
  { apex, height, start }: Envelope,
  sx2: number,
  row: number,
  targets: Int32Array,
  next: number,
  distances: Float64Array,
): number {
  const end = row + apex.length;
  let k = 0;
  let i = next;
  for (; i < targets.length && targets[i]! < end; i++) {
    const x = targets[i]! - row;
    while (start[k + 1]! < x) k++;
    const dx = x - apex[k]!;
    distances[i] = Math.sqrt(sx2 * dx * dx + height[k]!);
  }
  return i;
}

/** In `columnSteps`: from here on, no foreground pixel in this column. */
const none = 0x20000000;

/** Rows to the nearest foreground pixel of the same column, or `none` and more. */
function columnSteps({ width, data }: Mask): Int32Array {
  const steps = new Int32Array(data.length);
  // Row by row, all columns at once, so that memory is read in its order. `data - 1` has all bits set for
  // background and none for foreground, which spares a branch that ragged masks would make costly.
  for (let i = 0; i < width; i++) steps[i] = none & (data[i]! - 1);
  for (let i = width; i < data.length; i++) steps[i] = (steps[i - width]! + 1) & (data[i]! - 1);
  for (let i = data.length - width - 1; i >= 0; i--) {
    const below = steps[i + width]! + 1;
    if (below < steps[i]!) steps[i] = below;
  }
  return steps;
}

/** @throws {ArgumentError} if a side of the pixel is not a positive, finite number. */
export function checkSpacing({ y, x }: Spacing): void {
  if (!(y > 0 && x > 0 && y < Infinity && x < Infinity))
    throw new ArgumentError(
      `distances: spacing must be positive and finite, got ${y} (y) and ${x} (x)`,
    );
}

/** Numbers of instances in the middle of an image, where none is cut by the frame. */

import { ArgumentError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import type { Instance } from "./instanceOverlaps.ts";

/**
 * Counts, for class 1 to K, the instances that have a pixel in the central square. Of a rest of one pixel
 * the square leaves more on the right and below. The CoNIC challenge counts so, in 224 of 256 pixels.
 *
 * @param instances  all of the labels.
 * @param size       side of the square in pixels; default, and where the image is smaller: all of it.
 * @throws {ArgumentError} if the size is no whole number from 1.
 */
export function centralCounts(
  { width, height, instances: ids }: Labels,
  instances: readonly Instance[],
  classes: number,
  size = Infinity,
): number[] {
  if (size !== Infinity && (!Number.isInteger(size) || size < 1))
    throw new ArgumentError(
      `metrics: size of the counted square must be a whole number from 1, got ${size}`,
    );
  const inside = new Set<number>();
  const [across, down] = [Math.min(size, width), Math.min(size, height)];
  const left = Math.floor((width - across) / 2);
  const top = Math.floor((height - down) / 2);
  for (let y = top; y < top + down; y++) {
    let before = 0;
    for (let x = left; x < left + across; x++) {
      const id = ids?.[y * width + x] ?? 0;
      if (id !== before) inside.add(id);
      before = id;
    }
  }
  const counts = new Array<number>(classes).fill(0);
  for (const instance of instances) if (inside.has(instance.id)) counts[instance.class - 1]!++;
  return counts;
}

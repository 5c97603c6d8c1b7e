/** Marker-controlled watershed. */
import { ArgumentError } from "../base/errors.ts";
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { checkSize, type IdMap } from "./idMap.ts";
import { neighbours, type Connectivity } from "./pixelNeighbours.ts";
import { pixelQueue } from "./pixelQueue.ts";

export interface WatershedOptions {
  /** Pixels that may be flooded; default all. */
  readonly mask?: Mask;
  /** Default 4: then what grows out of a connected marker is connected by sides. */
  readonly connectivity?: Connectivity;
}

/**
 * Floods the mask from the markers: again and again, the pixel of the lowest priority beside what is
 * flooded takes the id from which it was reached first. Of equal priorities, the pixel that was reached
 * first comes first, so that fronts on a plateau meet half way; markers come in the order of rows.
 *
 * Time O(n log f) for n pixels and a front of at most f, on a binary heap.
 *
 * @param markers   ids, 0 where there is none; those outside the mask are left out
 * @param priority  any finite or infinite number a pixel; low values are flooded first
 * @returns         an id for every pixel of the mask that a marker reaches, else 0
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if a priority is not a number.
 * @see Beucher and Meyer, The Morphological Approach to Segmentation (1993)
 */
export function watershed(
  markers: IdMap,
  priority: FloatMap,
  { mask, connectivity = 4 }: WatershedOptions = {},
): Int32Array {
  checkSize("watershed", "markers", markers, priority);
  if (mask) checkSize("watershed", "mask", mask, priority);
  const { width, height, data: values } = priority;
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) {
    throw new ArgumentError(
      `watershed: priority must be a number, got NaN at row ${Math.floor(bad / width)}, column ${bad % width}`,
    );
  }
  const { dx, dy } = neighbours(connectivity);
  const ids = Int32Array.from(markers.data);
  if (mask) for (let i = 0; i < ids.length; i++) if (mask.data[i] === 0) ids[i] = 0;
  const open = (i: number): boolean => ids[i] === 0 && (mask === undefined || mask.data[i] !== 0);
  const queue = pixelQueue(values);

  const found = new Int32Array(8);
  /** Puts the open neighbours of a pixel into `found`, and says how many there are. */
  function openNeighbours(pixel: number): number {
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    let count = 0;
    for (let k = 0; k < connectivity; k++) {
      const u = x + dx[k]!;
      const v = y + dy[k]!;
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      const neighbour = v * width + u;
      if (open(neighbour)) found[count++] = neighbour;
    }
    return count;
  }

  // Only the rim of a marker can flood anything.
  for (let i = 0; i < ids.length; i++) if (ids[i] !== 0 && openNeighbours(i) > 0) queue.push(i);
  for (let pixel = queue.pop(); pixel >= 0; pixel = queue.pop()) {
    const count = openNeighbours(pixel);
    for (let k = 0; k < count; k++) {
      ids[found[k]!] = ids[pixel]!;
      queue.push(found[k]!);
    }
  }
  return ids;
}

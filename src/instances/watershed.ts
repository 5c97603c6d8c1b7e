/** Marker-controlled watershed. */
import { ArgumentError } from "../tensor/errors.ts";
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { checkSize, type IdMap } from "./idMap.ts";
import { neighbours, type Connectivity } from "./pixelNeighbours.ts";

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

  function visit(pixel: number, see: (neighbour: number) => void): void {
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    for (let k = 0; k < connectivity; k++) {
      const u = x + dx[k]!;
      const v = y + dy[k]!;
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      const neighbour = v * width + u;
      if (open(neighbour)) see(neighbour);
    }
  }

  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === 0) continue;
    // Only the rim of a marker can flood anything.
    let rim = false;
    visit(i, () => (rim = true));
    if (rim) queue.push(i);
  }
  for (let pixel = queue.pop(); pixel >= 0; pixel = queue.pop()) {
    visit(pixel, (neighbour) => {
      ids[neighbour] = ids[pixel]!;
      queue.push(neighbour);
    });
  }
  return ids;
}

interface PixelQueue {
  push(pixel: number): void;
  /** The pixel of the lowest priority, of equals the one pushed first; -1 when there is none. */
  pop(): number;
}

/** A binary heap of pixels. */
function pixelQueue(values: Float32Array): PixelQueue {
  let capacity = 1024;
  let pixels = new Int32Array(capacity);
  let keys = new Float32Array(capacity);
  let turns = new Float64Array(capacity);
  let size = 0;
  let turn = 0;

  function grow(): void {
    capacity *= 2;
    const [p, k, t] = [pixels, keys, turns];
    (pixels = new Int32Array(capacity)).set(p);
    (keys = new Float32Array(capacity)).set(k);
    (turns = new Float64Array(capacity)).set(t);
  }

  return {
    push(pixel) {
      if (size === capacity) grow();
      const key = values[pixel]!;
      let at = size++;
      // The newest has the latest turn, so that it rises only past larger keys.
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (keys[above]! <= key) break;
        pixels[at] = pixels[above]!;
        keys[at] = keys[above]!;
        turns[at] = turns[above]!;
        at = above;
      }
      pixels[at] = pixel;
      keys[at] = key;
      turns[at] = turn++;
    },
    pop() {
      if (size === 0) return -1;
      const top = pixels[0]!;
      size--;
      const [pixel, key, own] = [pixels[size]!, keys[size]!, turns[size]!];
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        const right = child + 1;
        if (right < size && before(right, child)) child = right;
        if (key < keys[child]! || (key === keys[child] && own < turns[child]!)) break;
        pixels[at] = pixels[child]!;
        keys[at] = keys[child]!;
        turns[at] = turns[child]!;
        at = child;
      }
      pixels[at] = pixel;
      keys[at] = key;
      turns[at] = own;
      return top;
    },
  };

  function before(a: number, b: number): boolean {
    return keys[a]! < keys[b]! || (keys[a] === keys[b] && turns[a]! < turns[b]!);
  }
}

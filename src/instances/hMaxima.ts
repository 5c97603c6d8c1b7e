/** Peaks of a map that stand out, as markers. */
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { checkSize } from "./idMap.ts";
import { neighbours } from "./pixelNeighbours.ts";

/** What tells one peak from the next. */
export interface PeakOptions {
  /** Least height of a peak above the pass to a higher one, in the unit of the map. Default 0: every peak. */
  readonly h?: number;
  /** The same, as a share of the peak's own height. Default 0. The larger of the two holds. */
  readonly relativeH?: number;
}

/**
 * h-maxima: a peak counts if one has to go down from it by at least h before one can climb to a higher
 * peak. The highest peak of every region of the mask counts always.
 *
 * Pixels join regions from the highest down; where two regions meet, the lower peak either has stood out
 * enough, or becomes part of the other. Linear in the pixels: their order comes from counting 65536 levels.
 *
 * @param map   heights, finite where the mask is
 * @param mask  where to look
 * @returns     for every peak, 1 and up, the pixels of its region less than h below it; 0 elsewhere
 * @throws {ShapeError} if the sizes differ.
 * @see Soille, Morphological Image Analysis (2003), section 6.3.5; peaks by their dynamics, Grimaud (1992)
 */
export function hMaxima(
  map: FloatMap,
  mask: Mask,
  { h = 0, relativeH = 0 }: PeakOptions = {},
): Int32Array {
  checkSize("hMaxima", "mask", mask, map);
  const { width, height, data: values } = map;
  const order = descending(values, mask.data);
  const { dx, dy } = neighbours(8);
  // Two forests over pixels: `tree` joins all that touches, `peak` only what belongs to one peak.
  const tree = new Int32Array(values.length).fill(-1);
  const peak = new Int32Array(values.length).fill(-1);
  /** Of a root of `tree`: its highest pixel. */
  const summit = new Int32Array(values.length);
  const needed = (top: number): number => Math.max(h, relativeH * values[top]!);

  for (const pixel of order) {
    tree[pixel] = pixel;
    peak[pixel] = pixel;
    summit[pixel] = pixel;
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    let fresh = true;
    for (let k = 0; k < 8; k++) {
      const u = x + dx[k]!;
      const v = y + dy[k]!;
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      const neighbour = v * width + u;
      if (tree[neighbour]! < 0) continue;
      const [a, b] = [rootOf(tree, pixel), rootOf(tree, neighbour)];
      if (a === b) continue;
      const [topA, topB] = [summit[a]!, summit[b]!];
      if (fresh) {
        // A pixel on a slope: it belongs to the region that it touches first.
        peak[pixel] = rootOf(peak, topB);
        tree[a] = b;
        fresh = false;
        continue;
      }
      const lower = values[topA]! < values[topB]! ? a : b;
      const higher = lower === a ? b : a;
      const top = summit[lower]!;
      if (values[top]! - values[pixel]! < needed(top)) {
        peak[rootOf(peak, top)] = rootOf(peak, summit[higher]!);
      }
      tree[lower] = higher;
    }
  }

  const numbers = new Int32Array(values.length);
  const markers = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (peak[i]! < 0) continue;
    const root = rootOf(peak, i);
    if (values[i]! > values[root]! - needed(root) || i === root) {
      if (numbers[root] === 0) numbers[root] = ++count;
      markers[i] = numbers[root]!;
    }
  }
  return markers;
}

function rootOf(parent: Int32Array, start: number): number {
  let at = start;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]!]!;
    at = parent[at]!;
  }
  return at;
}

const levels = 65536;

/** The pixels of the mask, those of the highest level first; within a level in the order of rows. */
function descending(values: Float32Array, mask: Uint8Array): Int32Array {
  let [low, high, size] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    if (mask[i] === 0) continue;
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
    size++;
  }
  const scale = high > low ? (levels - 1) / (high - low) : 0;
  const levelOf = (i: number): number => Math.floor((high - values[i]!) * scale);
  const starts = new Int32Array(levels + 1);
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) starts[levelOf(i) + 1]!++;
  for (let k = 0; k < levels; k++) starts[k + 1]! += starts[k]!;
  const order = new Int32Array(size);
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) order[starts[levelOf(i)]!++] = i;
  return order;
}

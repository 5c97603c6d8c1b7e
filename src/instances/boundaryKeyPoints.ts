/** Key points of a boundary: the few points whose polygon is most like the mask. */
import { Random } from "../base/random.ts";
import { checkLength, type IdMap } from "./idMap.ts";
import { traceOutlines, type Ring } from "./traceOutlines.ts";

/** A corner of pixels: pixel (x, y) is the square from (x, y) to (x + 1, y + 1). */
export type Corner = readonly [x: number, y: number];

export interface KeyPointOptions {
  /** Points to keep. Default 6, the best in the paper on ultrasound. */
  readonly count?: number;
  /** Polygons to try. Default 40,000. */
  readonly draws?: number;
  readonly seed: number;
}

/**
 * Of `draws` polygons through `count` random points of the boundary, in the order of the boundary, the corners of the one that
 * overlaps most with the mask (intersection over union).
 *
 * The boundary is the outer outline of the largest piece, along the edges of its pixels; the paper takes the pixels that an edge
 * detector finds, and says nothing of several pieces.
 *
 * @param mask  0 outside
 * @returns     the points in the order of the boundary; all of them if the boundary has no more; none for an empty mask
 * @throws {ShapeError} if the values do not fill the width and height.
 * @see Lee et al. 2020 (CVPR), algorithm 1
 */
export function boundaryKeyPoints(
  mask: IdMap,
  { count = 6, draws = 40_000, seed }: KeyPointOptions,
): Corner[] {
  checkLength("boundaryKeyPoints", mask);
  const inside = Uint8Array.from(mask.data, (v) => (v === 0 ? 0 : 1));
  const outline = largestOutline({ ...mask, data: inside });
  if (outline.length <= count) return outline;

  const { sums, total } = rowSums(inside, mask.width, mask.height);
  const random = Random.of(seed, "key points");
  let best: Corner[] = [];
  let most = -1;
  for (let draw = 0; draw < draws; draw++) {
    const chosen = distinct(random, count, outline.length).map((i) => outline[i]!);
    const { area, common } = overlap(chosen, sums, mask.width);
    const iou = common / (area + total - common);
    if (iou > most) [best, most] = [chosen, iou];
  }
  return best;
}

/**
 * A map with 1 at every pixel whose centre is nearer than `radius` to one of the points, else 0.
 *
 * @param radius  pixels
 * @returns       `height` rows of `width` values
 * @see Lee et al. 2020 (CVPR), equation 1
 */
export function keyPointMap(
  points: readonly Corner[],
  width: number,
  height: number,
  radius: number,
): Uint8Array {
  const map = new Uint8Array(width * height);
  for (const [px, py] of points) {
    for (let y = Math.max(0, Math.floor(py - radius)); y < Math.min(height, py + radius); y++) {
      for (let x = Math.max(0, Math.floor(px - radius)); x < Math.min(width, px + radius); x++) {
        if ((x + 0.5 - px) ** 2 + (y + 0.5 - py) ** 2 < radius ** 2) map[y * width + x] = 1;
      }
    }
  }
  return map;
}

/** Every corner of pixels along the outer outline of the largest piece, once. */
function largestOutline(mask: IdMap): Corner[] {
  let [largest, area] = [[] as Ring, 0];
  for (const { outer } of traceOutlines(mask).get(1) ?? []) {
    let twice = 0;
    for (let i = 0; i + 3 < outer.length; i += 2)
      twice += outer[i]! * outer[i + 3]! - outer[i + 2]! * outer[i + 1]!;
    if (twice > area) [largest, area] = [outer, twice];
  }
  const corners: Corner[] = [];
  for (let i = 0; i + 3 < largest.length; i += 2) {
    const [x, y, endX, endY] = largest.slice(i, i + 4) as [number, number, number, number];
    const steps = Math.abs(endX - x) + Math.abs(endY - y);
    for (let s = 0; s < steps; s++)
      corners.push([x + (s * (endX - x)) / steps, y + (s * (endY - y)) / steps]);
  }
  return corners;
}

/** Sums along rows: `sums[y (width + 1) + x]` is the number of pixels of row y before x that are inside. */
function rowSums(inside: Uint8Array, width: number, height: number) {
  const sums = new Int32Array((width + 1) * height);
  let total = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * (width + 1); x < width; x++, at++) {
      sums[at + 1] = sums[at]! + inside[y * width + x]!;
    }
    total += sums[y * (width + 1) + width]!;
  }
  return { sums, total };
}

/** `count` different numbers below `limit`, ascending. */
function distinct(random: Random, count: number, limit: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.int(limit));
  return [...chosen].sort((a, b) => a - b);
}

/** Pixels whose centres lie in the polygon, by the even-odd rule, and how many of them are inside the mask. */
function overlap(polygon: readonly Corner[], sums: Int32Array, width: number) {
  const rows = polygon.map(([, y]) => y);
  let [area, common] = [0, 0];
  const crossings: number[] = [];
  for (let y = Math.min(...rows); y < Math.max(...rows); y++) {
    crossings.length = 0;
    for (let i = 0; i < polygon.length; i++) {
      const [ax, ay] = polygon[i]!;
      const [bx, by] = polygon[(i + 1) % polygon.length]!;
      if (ay > y === by > y) continue;
      crossings.push(ax + ((y + 0.5 - ay) * (bx - ax)) / (by - ay));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      // Centres x + 1/2 from one crossing to the next.
      const start = Math.ceil(crossings[i]! - 0.5);
      const end = Math.ceil(crossings[i + 1]! - 0.5);
      area += end - start;
      common += sums[y * (width + 1) + end]! - sums[y * (width + 1) + start]!;
    }
  }
  return { area, common };
}

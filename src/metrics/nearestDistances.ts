/** Distances from the pixels of one mask to the nearest of another, as a list. */

import { bitsOf, countBits, indicesOf, unpackBits, type BitRows } from "./bitRows.ts";
import { distancesAt, type Spacing } from "./distanceTransform.ts";

/** The furthest offset, along a side, that is tried directly. */
const reach = 16;

/** An offset pays if it settles a pixel in every so many words looked at. */
const wordsPerHit = 8;

/** Up to so many distances are worth sorting. */
const sortedUpTo = 4096;

/**
 * One distance for each one of `targets`, in no order of the pixels, mostly ascending.
 *
 * Near ones first: offset by offset in the order of their lengths, the pixels that have a feature there are
 * settled, 32 at a time; the first hit is the nearest. What is left when that has not paid for
 * as many words as the mask has gets its distances from `distancesAt`. So ragged masks are settled by the first offsets, distant ones by the
 * transform, and the time stays linear in the pixels.
 *
 * @param targets, features  of one size; features with at least one pixel.
 * @param spacing            size of a pixel, positive and finite.
 */
export function nearestDistances(
  targets: BitRows,
  features: BitRows,
  spacing: Spacing,
): Float64Array {
  const { words, height } = targets;
  const distances = new Float64Array(countBits(targets));
  const left = targets.data.slice();
  // Words with pixels that are not settled.
  const active = new Int32Array(left.length);
  let actives = 0;
  for (let i = 0; i < left.length; i++) if (left[i] !== 0) active[actives++] = i;

  let settled = 0;
  let wasted = 0;
  for (const { dy, dx, distance } of offsets(spacing)) {
    if (actives === 0) break;
    const [before, looked] = [settled, actives];
    let kept = 0;
    for (let k = 0; k < actives; k++) {
      const i = active[k]!;
      const row = Math.floor(i / words);
      const hit = left[i]! & wordAt(features, row + dy, i - row * words, dx, height);
      if (hit !== 0) {
        settled += bitsOf(hit);
        left[i]! &= ~hit;
      }
      if (left[i] !== 0) active[kept++] = i;
    }
    actives = kept;
    distances.fill(distance, before, settled);
    if (wordsPerHit * (settled - before) < looked) wasted += looked;
    if (wasted > left.length) break;
  }
  if (actives > 0) {
    const rest = distances.subarray(settled);
    rest.set(distancesAt(indicesOf({ ...targets, data: left }), unpackBits(features), spacing));
    if (rest.length <= sortedUpTo) rest.sort();
  }
  return distances;
}

/** The 32 pixels of `row` from column 32 j + dx on, 0 outside; |dx| below 32. */
function wordAt(
  { words, data }: BitRows,
  row: number,
  j: number,
  dx: number,
  height: number,
): number {
  if (row < 0 || row >= height) return 0;
  const i = row * words + j;
  if (dx === 0) return data[i]!;
  if (dx > 0) return (data[i]! >>> dx) | (j + 1 < words ? data[i + 1]! << (32 - dx) : 0);
  return (data[i]! << -dx) | (j > 0 ? data[i - 1]! >>> (32 + dx) : 0);
}

interface Offset {
  readonly dy: number;
  readonly dx: number;
  readonly distance: number;
}

/** All offsets that are shorter than any beyond `reach`, the shortest first. */
function offsets({ y, x }: Spacing): Offset[] {
  const limit = (reach + 1) * Math.min(y, x);
  const list: Offset[] = [];
  for (let dy = 0; dy <= reach; dy++)
    for (let dx = 0; dx <= reach; dx++) {
      const distance = Math.sqrt(x * x * dx * dx + y * y * dy * dy);
      if (distance >= limit) continue;
      for (const v of dy === 0 ? [0] : [-dy, dy])
        for (const u of dx === 0 ? [0] : [-dx, dx]) list.push({ dy: v, dx: u, distance });
    }
  return list.sort((a, b) => a.distance - b.distance);
}

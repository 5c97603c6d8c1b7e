/** Distances from the pixels of one mask to the nearest of another, as a list. */

import { bitsOf, countBits, indicesOf, unpackBits, type BitRows } from "./bitRows.ts";
import { distancesAt, type Spacing } from "./distanceTransform.ts";

/** The furthest offset, along a side, that is tried directly. */
const reach = 16;

/** Up to so many distances are worth sorting. */
const sortedUpTo = 4096;

/** An offset pays if it settles a pixel in every so many words looked at. */
const wordsPerHit = 8;

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
  const { words } = targets;
  const across = words + 2;
  const around = padded(features);
  const distances = new Float64Array(countBits(targets));
  const left = targets.data.slice();
  // Words with pixels that are not settled, and where they lie in `around`.
  const active = new Int32Array(left.length);
  const place = new Int32Array(left.length);
  let actives = 0;
  for (let i = 0; i < left.length; i++) {
    if (left[i] === 0) continue;
    const row = Math.floor(i / words);
    active[actives] = i;
    place[actives++] = (row + reach) * across + 1 + i - row * words;
  }

  let settled = 0;
  let wasted = 0;
  for (const { dy, dx, distance } of offsets(spacing)) {
    if (actives === 0) break;
    const [before, looked] = [settled, actives];
    const step = dy * across + (dx >> 5);
    const part = dx & 31;
    let kept = 0;
    for (let k = 0; k < looked; k++) {
      const i = active[k]!;
      const at = place[k]! + step;
      // The 32 pixels from `dx` columns further on.
      const there =
        part === 0 ? around[at]! : (around[at]! >>> part) | (around[at + 1]! << (32 - part));
      const hit = left[i]! & there;
      if (hit !== 0) {
        settled += bitsOf(hit);
        if ((left[i]! &= ~hit) === 0) continue;
      }
      active[kept] = i;
      place[kept++] = place[k]!;
    }
    actives = kept;
    distances.fill(distance, before, settled);
    if (wordsPerHit * (settled - before) < looked) wasted += looked;
    if (wasted > left.length) break;
  }
  if (actives > 0) {
    const rest = distances.subarray(settled);
    distancesAt(indicesOf({ ...targets, data: left }), unpackBits(features), spacing, rest);
    if (rest.length <= sortedUpTo) rest.sort();
  }
  return distances;
}

/** With `reach` rows of zeros above and below, and a word of zeros left and right of every row. */
function padded({ words, height, data }: BitRows): Uint32Array {
  const across = words + 2;
  const around = new Uint32Array(across * (height + 2 * reach));
  for (let y = 0; y < height; y++)
    around.set(data.subarray(y * words, (y + 1) * words), (y + reach) * across + 1);
  return around;
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

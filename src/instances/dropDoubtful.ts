/** Instances that are too small, or of which the network is not sure, taken out. */
import type { FloatMap } from "../tensor/raster.ts";
import { renumber } from "./idMap.ts";

export interface DoubtOptions {
  /** Pixels; what has fewer goes. */
  readonly minArea: number;
  /** Share of the median area of all instances of the map; what has less goes. */
  readonly minRelativeArea: number;
  /** Mean probability over an instance's pixels; what has a lower one goes. */
  readonly minProbability: number;
}

/**
 * The ids without doubtful instances, numbered from 1 in the order of rows. The median is the upper one of an even
 * number, taken before anything goes.
 *
 * @param foreground  probability, of the size of the map
 */
export function dropDoubtful(
  instances: Int32Array,
  foreground: FloatMap,
  { minArea, minRelativeArea, minProbability }: DoubtOptions,
): Int32Array {
  const { ids, originals } = renumber(instances);
  const count = originals.length;
  const areas = new Int32Array(count);
  const sums = new Float64Array(count);
  for (let i = 0; i < ids.length; i++) {
    areas[ids[i]!]!++;
    sums[ids[i]!]! += foreground.data[i]!;
  }
  const sorted = areas.slice(1).sort();
  const least = Math.max(minArea, minRelativeArea * (sorted[sorted.length >> 1] ?? 0));
  let next = 0;
  const numbers = Int32Array.from(areas, (area, k) =>
    k > 0 && area >= least && sums[k]! / area >= minProbability ? ++next : 0,
  );
  return ids.map((k) => numbers[k]!);
}

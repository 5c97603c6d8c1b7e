/** One class for every instance. */
import { renumber } from "./idMap.ts";
import { majorityClasses } from "./measureInstances.ts";

/**
 * The class that most pixels of each instance have, the background left aside; of equals the lowest. An instance of
 * background alone gets class 1.
 *
 * @param ids      0 background
 * @param classes  class of every pixel, 0 background
 * @returns        class of every pixel, the same all over an instance, 0 where `ids` is
 */
export function classesByMajority(ids: Int32Array, classes: Uint8Array): Uint8Array {
  const { ids: numbers, originals } = renumber(ids);
  const kinds = majorityClasses(numbers, originals.length, classes);
  return Uint8Array.from(numbers, (k) => kinds[k]!);
}

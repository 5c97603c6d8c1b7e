/** A small part of many images that shows all their kinds. */
import { Random } from "../base/random.ts";

/**
 * Indices of at most `count` images, ascending: drawn by the seed, of every kind in turn, so that rare kinds are as well shown as
 * common ones.
 *
 * @param kinds  the kind of each image; those without one are a kind of their own
 * @param count  0: all
 */
export function sampleOfKinds(
  kinds: readonly (string | undefined)[],
  count: number,
  seed: number,
): number[] {
  const all = kinds.map((_, i) => i);
  if (count === 0 || count >= all.length) return all;
  const members = new Map<string | undefined, number[]>();
  for (const i of Random.of(seed, "images").shuffled(all)) {
    const own = members.get(kinds[i]) ?? [];
    members.set(kinds[i], [...own, i]);
  }
  const names = [...members.keys()].sort();
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < count; turn++) {
    for (const name of names) {
      const next = members.get(name)![turn];
      if (next !== undefined && chosen.length < count) chosen.push(next);
    }
  }
  return chosen.sort((a, b) => a - b);
}

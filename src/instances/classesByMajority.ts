/** One class for every instance. */

/**
 * The class that most pixels of each instance have, the background left aside; of equals the lowest. An instance of
 * background alone gets class 1.
 *
 * @param ids      0 background
 * @param classes  class of every pixel, 0 background
 * @returns        class of every pixel, the same all over an instance, 0 where `ids` is
 */
export function classesByMajority(ids: Int32Array, classes: Uint8Array): Uint8Array {
  const votes = new Map<number, Map<number, number>>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id === 0) continue;
    const own = votes.get(id) ?? new Map<number, number>();
    votes.set(id, own);
    const kind = classes[i]!;
    if (kind > 0) own.set(kind, (own.get(kind) ?? 0) + 1);
  }
  const chosen = new Map<number, number>();
  for (const [id, own] of votes) {
    const [best] = [...own].sort(([a, m], [b, n]) => n - m || a - b);
    chosen.set(id, best?.[0] ?? 1);
  }
  return Uint8Array.from(ids, (id) => chosen.get(id) ?? 0);
}

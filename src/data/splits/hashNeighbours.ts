/** Finding 64-bit hashes that differ in few bits without comparing all with all. */
import { ArgumentError } from "../../base/errors.ts";
import { bitCount, type PerceptualHash } from "./perceptualHash.ts";

const bands = 4;

/** The 16-bit words with at most 2 bits set. */
const nearWords = Uint16Array.from({ length: 65536 }, (_, word) => word).filter(
  (word) => bitCount(word) <= 2,
);

/** The largest distance that is found: 12 differing bits put at least 3 into each of four words. */
export const mostDistance = 11;

/**
 * Calls `found(i, j, distance)` once for each pair of a query i and a hash j that differ in at most
 * `maxDistance` bits.
 *
 * If two hashes differ in at most 11 bits, then one of their four words differs in at most 2: each word of
 * a query is looked up in an index of that word, with all 137 ways to change up to 2 of its bits.
 *
 * @param maxDistance  0 to 11
 * @throws {ArgumentError} if `maxDistance` is another.
 * @see M. Norouzi, A. Punjani, D. Fleet, Fast search in Hamming space with multi-index hashing, 2012
 */
export function hashNeighbours(
  queries: readonly PerceptualHash[],
  hashes: readonly PerceptualHash[],
  maxDistance: number,
  found: (query: number, hash: number, distance: number) => void,
): void {
  if (!Number.isInteger(maxDistance) || maxDistance < 0 || maxDistance > mostDistance) {
    throw new ArgumentError(
      `maxDistance must be a whole number from 0 to ${mostDistance}, got ${maxDistance}`,
    );
  }
  const words = wordsOf(hashes);
  const asked = wordsOf(queries);
  for (let band = 0; band < bands; band++) {
    const { starts, members } = indexOf(words, band);
    for (let i = 0; i < queries.length; i++) {
      for (const change of nearWords) {
        const word = asked[bands * i + band]! ^ change;
        for (let k = starts[word]!; k < starts[word + 1]!; k++) {
          const j = members[k]!;
          const distance = distanceOf(asked, i, words, j, band);
          if (distance <= maxDistance) found(i, j, distance);
        }
      }
    }
  }
}

/** All hashes one after another. */
function wordsOf(hashes: readonly PerceptualHash[]): Uint16Array {
  const words = new Uint16Array(bands * hashes.length);
  for (const [i, hash] of hashes.entries()) words.set(hash, bands * i);
  return words;
}

/** The members of every word in one array: those of word w lie from starts[w] to starts[w + 1]. */
function indexOf(words: Uint16Array, band: number) {
  const starts = new Int32Array(65537);
  for (let at = band; at < words.length; at += bands) starts[words[at]! + 1]!++;
  for (let word = 0; word < 65536; word++) starts[word + 1]! += starts[word]!;
  const members = new Int32Array(words.length / bands);
  const next = starts.slice();
  for (let j = 0; j < members.length; j++) members[next[words[bands * j + band]!]!++] = j;
  return { starts, members };
}

/** Differing bits; infinite if an earlier band has found the pair already. */
function distanceOf(a: Uint16Array, i: number, b: Uint16Array, j: number, band: number): number {
  let sum = 0;
  for (let w = 0; w < bands; w++) {
    const bits = bitCount(a[bands * i + w]! ^ b[bands * j + w]!);
    if (w < band && bits <= 2) return Infinity;
    sum += bits;
  }
  return sum;
}

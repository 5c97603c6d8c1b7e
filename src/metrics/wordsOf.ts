/** Masks read four pixels at a time, for the loops that every pair passes through. */

/**
 * The bytes as 32-bit words, zeros added at the end to fill the last one: a view where the data allows
 * it, else a copy. Operations on words must not depend on the order of bytes within one.
 */
export function wordsOf(data: Uint8Array): Uint32Array {
  if (data.byteOffset % 4 === 0 && data.length % 4 === 0)
    return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  const words = new Uint32Array(Math.ceil(data.length / 4));
  new Uint8Array(words.buffer).set(data);
  return words;
}

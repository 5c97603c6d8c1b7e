/** Masks with one bit a pixel: morphology on 32 pixels at a time, in a time that no mask can raise. */

import type { Mask } from "../tensor/raster.ts";

/** Pixel (y, x) is bit `x % 32` of `data[y * words + (x >> 5)]`; bits beyond the width are 0. */
export interface BitRows {
  readonly width: number;
  readonly height: number;
  /** 32-bit words of a row. */
  readonly words: number;
  readonly data: Uint32Array;
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Packs a mask of values 0 and 1. */
export function bitRows({ width, height, data }: Mask): BitRows {
  const words = Math.ceil(width / 32);
  const bits = new Uint32Array(words * height);
  if (littleEndian && width % 32 === 0 && data.byteOffset % 4 === 0) {
    const fours = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
    for (let i = 0; i < fours.length; i++) {
      // Moves bit 0 of byte k to bit 28 + k; what else the product holds lies below.
      const four = Math.imul(fours[i]!, 0x10204080) >>> 28;
      bits[i >> 3]! |= four << (4 * (i & 7));
    }
    return { width, height, words, data: bits };
  }
  for (let y = 0, at = 0; y < height; y++) {
    const end = (y + 1) * width;
    for (let from = y * width; from < end; from += 32, at++) {
      const to = Math.min(from + 32, end);
      let word = 0;
      for (let i = from; i < to; i++) word |= data[i]! << (i - from);
      bits[at] = word;
    }
  }
  return { width, height, words, data: bits };
}

/** The mask that the bits stand for. */
export function unpackBits(bits: BitRows): Mask {
  const { width, height } = bits;
  const bytes = new Uint8Array(width * height);
  forEachOne(bits, (i) => {
    bytes[i] = 1;
  });
  return { width, height, data: bytes };
}

/** The indices, `y * width + x`, of the ones, ascending. */
export function indicesOf(bits: BitRows): Int32Array {
  const indices = new Int32Array(countBits(bits));
  let n = 0;
  forEachOne(bits, (i) => {
    indices[n++] = i;
  });
  return indices;
}

/** Calls `visit` with the index, `y * width + x`, of every one, ascending. */
function forEachOne({ width, words, data }: BitRows, visit: (index: number) => void): void {
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const row = Math.floor(i / words);
    const start = row * width + 32 * (i - row * words);
    for (let word = data[i]!; word !== 0; word &= word - 1)
      visit(start + 31 - Math.clz32(word & -word));
  }
}

/** Number of ones. */
export function countBits({ data }: BitRows): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += bitsOf(data[i]!);
  return total;
}

/** Number of pixels that are one in both. */
export function countBoth(a: BitRows, b: BitRows): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += bitsOf(a.data[i]! & b.data[i]!);
  return total;
}

/** Whether there are only zeros. */
export const noBits = ({ data }: BitRows): boolean => data.every((word) => word === 0);

/** Ones of a word, summed in pairs, fours and bytes. */
export function bitsOf(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Erosion by a square of side 2 r + 1: pixels whose whole square is one; outside the image is 0. The same
 * as r erosions by a square of side 3.
 *
 * @param radius  r, a whole number from 0.
 */
export function erodeBySquare(mask: BitRows, radius: number): BitRows {
  const { words, height } = mask;
  const data = mask.data.slice();
  const side = 2 * radius + 1;
  // A window of k pixels and one of k pixels s further on make one of k + s: side by doubling.
  for (const step of doublings(side)) {
    for (let at = 0; at < data.length; at += words) andFromRight(data, at, words, step);
    const end = data.length - step * words;
    for (let i = 0; i < data.length; i++)
      data[i] = i < end ? data[i]! & data[i + step * words]! : 0;
  }
  // Each window stands at its first pixel and first row; it belongs to its centre.
  const down = Math.min(radius, height) * words;
  data.copyWithin(down, 0, data.length - down);
  data.fill(0, 0, down);
  for (let at = 0; at < data.length; at += words) moveRight(data, at, words, radius);
  return { ...mask, data: cutTails({ ...mask, data }) };
}

/** Steps s with which windows of 1 pixel grow to `side`: each at most as long as what is there. */
function doublings(side: number): number[] {
  const steps: number[] = [];
  for (let length = 1; length < side;) {
    const step = Math.min(length, side - length);
    steps.push(step);
    length += step;
  }
  return steps;
}

/** row(x) = row(x) and row(x + step), 0 beyond the row. */
function andFromRight(data: Uint32Array, at: number, words: number, step: number): void {
  const whole = step >>> 5;
  const part = step & 31;
  if (whole === 0 && part > 0) {
    const last = at + words - 1;
    for (let i = at; i < last; i++) data[i]! &= (data[i]! >>> part) | (data[i + 1]! << (32 - part));
    data[last]! &= data[last]! >>> part;
    return;
  }
  for (let j = 0; j < words; j++) {
    const low = j + whole < words ? data[at + j + whole]! : 0;
    const high = j + whole + 1 < words ? data[at + j + whole + 1]! : 0;
    data[at + j]! &= part === 0 ? low : (low >>> part) | (high << (32 - part));
  }
}

/** row(x) = row(x - step), 0 before the row. */
function moveRight(data: Uint32Array, at: number, words: number, step: number): void {
  const whole = step >>> 5;
  const part = step & 31;
  for (let j = words - 1; j >= 0; j--) {
    const high = j >= whole ? data[at + j - whole]! : 0;
    const low = j > whole ? data[at + j - whole - 1]! : 0;
    data[at + j] = part === 0 ? high : (high << part) | (low >>> (32 - part));
  }
}

/**
 * Dilation by a disk: pixels with a one at most `radius` away; dx^2 + dy^2 <= r^2.
 *
 * @param radius  r in pixels, a whole number from 0.
 */
export function dilateByDisk(mask: BitRows, radius: number): BitRows {
  const { words, height } = mask;
  const out = new Uint32Array(mask.data.length);
  // Rows from far to near: the further away, the narrower the disk, so that one widening serves all.
  const wide = mask.data.slice();
  let reach = 0;
  for (let dy = radius; dy >= 0; dy--) {
    for (; (reach + 1) ** 2 + dy ** 2 <= radius ** 2; reach++) widen(wide, words);
    for (const shift of dy === 0 ? [0] : [-dy, dy]) {
      const from = Math.max(0, -shift) * words;
      const to = Math.max(0, Math.min(height, height - shift)) * words;
      for (let i = from; i < to; i++) out[i]! |= wide[i + shift * words]!;
    }
  }
  return { ...mask, data: cutTails({ ...mask, data: out }) };
}

/** Every one spreads to its left and right neighbour. */
function widen(data: Uint32Array, words: number): void {
  for (let at = 0; at < data.length; at += words) {
    let before = 0;
    for (let j = at; j < at + words; j++) {
      const here = data[j]!;
      const after = j + 1 < at + words ? data[j + 1]! : 0;
      data[j] = here | (here << 1) | (before >>> 31) | (here >>> 1) | (after << 31);
      before = here;
    }
  }
}

/** Sets the bits beyond the width to 0, in place. */
function cutTails({ width, words, data }: BitRows): Uint32Array {
  const used = width & 31;
  if (used === 0) return data;
  const keep = 2 ** used - 1;
  for (let i = words - 1; i < data.length; i += words) data[i]! &= keep;
  return data;
}

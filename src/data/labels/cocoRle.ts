/** COCO's run lengths: runs of zeros and ones in turn, in column-major order, the first of zeros. */
import { DataError } from "../../base/errors.ts";
import type { Mask } from "../../tensor/raster.ts";

/** Runs of ones as [begin, end) in column-major order, position = x * height + y: begin0, end0, begin1, ... */
export type ColumnRuns = readonly number[];

/** Run lengths of a mask: zeros and ones in turn, column by column; their sum is the number of pixels. */
export function encodeRle({ width, height, data }: Mask): number[] {
  const counts: number[] = [];
  let current = 0;
  let length = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width) {
      const value = data[at] === 0 ? 0 : 1;
      if (value !== current) {
        counts.push(length);
        current = value;
        length = 0;
      }
      length++;
    }
  }
  counts.push(length);
  return counts;
}

/**
 * Run lengths as runs of ones.
 *
 * @param where  for messages
 * @throws {DataError} if a length is no whole number of 0 and up, or the sum is not width x height.
 */
export function rleRuns(
  counts: readonly number[],
  width: number,
  height: number,
  where: string,
): ColumnRuns {
  const runs: number[] = [];
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new DataError(
        `${where}: run lengths must be whole numbers of 0 and up, got ${count} as number ${i}`,
      );
    }
    if (i % 2 === 1 && count > 0) runs.push(at, at + count);
    at += count;
  }
  if (at !== width * height) {
    throw new DataError(
      `${where}: run lengths must add up to ${width} x ${height} = ${width * height} pixels, got ${at}`,
    );
  }
  return runs;
}

/** Sets the pixels of runs in a row-major raster. */
export function paintRuns(
  runs: ColumnRuns,
  width: number,
  height: number,
  paint: (at: number) => void,
): void {
  for (let i = 0; i < runs.length; i += 2) {
    const begin = runs[i]!;
    const end = runs[i + 1]!;
    let x = Math.floor(begin / height);
    let y = begin - x * height;
    for (let position = begin; position < end; position++) {
      paint(y * width + x);
      if (++y === height) {
        y = 0;
        x++;
      }
    }
  }
}

/**
 * The mask of run lengths, row-major, 0 and 1.
 *
 * @param where  for messages; default `RLE`
 * @throws {DataError} if a length is no whole number of 0 and up, or the sum is not width x height.
 */
export function decodeRle(
  counts: readonly number[],
  width: number,
  height: number,
  where = "RLE",
): Uint8Array {
  const runs = rleRuns(counts, width, height, where);
  const mask = new Uint8Array(width * height);
  paintRuns(runs, width, height, (at) => (mask[at] = 1));
  return mask;
}

/**
 * Run lengths as COCO's string. From the fourth on, each is written as its difference to the one two before;
 * numbers go five bits a character, lowest first, bit 5 for "more follows", bit 4 of the last being the
 * sign, plus 48.
 */
export function encodeRleString(counts: readonly number[]): string {
  let text = "";
  for (let i = 0; i < counts.length; i++) {
    let rest = i > 2 ? counts[i]! - counts[i - 2]! : counts[i]!;
    for (let more = true; more;) {
      const low = ((rest % 32) + 32) % 32;
      rest = Math.floor(rest / 32);
      more = (low & 16) === 0 ? rest !== 0 : rest !== -1;
      text += String.fromCharCode(48 + low + (more ? 32 : 0));
    }
  }
  return text;
}

/**
 * Run lengths of COCO's string; the inverse of `encodeRleString`.
 *
 * @param where  for messages; default `RLE`
 * @throws {DataError} if a character is not of the alphabet, a number too long, negative, or cut off.
 */
export function decodeRleString(text: string, where = "RLE"): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length;) {
    const begin = at;
    let value = 0;
    let scale = 1;
    for (let more = true; more; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (at === text.length) {
        throw new DataError(`${where}: run lengths must end within the string, got a cut-off one`);
      }
      if (digit < 0 || digit > 63) {
        throw new DataError(
          `${where}: characters of run lengths must be 0 to o, got ${JSON.stringify(text[at])} at ${at}`,
        );
      }
      if (at - begin === 8) {
        throw new DataError(
          `${where}: run lengths must have at most 8 characters, got more at ${begin}`,
        );
      }
      value += (digit & 31) * scale;
      scale *= 32;
      more = (digit & 32) !== 0;
      if (!more && (digit & 16) !== 0) value -= scale;
    }
    if (counts.length > 2) value += counts[counts.length - 2]!;
    if (value < 0) {
      throw new DataError(
        `${where}: run lengths must be 0 and up, got ${value} as number ${counts.length}`,
      );
    }
    counts.push(value);
  }
  return counts;
}

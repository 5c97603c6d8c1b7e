/** BMP's run lengths, RLE8 and RLE4. */
import { DataError } from "../../base/errors.ts";
import type { BmpHeader } from "./bmpHeader.ts";

/**
 * Palette entries, one a pixel, from the top down; pixels that the file leaps over are 0.
 *
 * Pairs of bytes: a count and what is repeated; or 0 and 0 for the end of a row, 1 of the picture, 2 for a
 * leap by the two bytes that follow, 3 and more for so many pixels as they are, padded to an even count of
 * bytes. In RLE4 a byte is two pixels that take turns.
 *
 * @throws {DataError} if the data end before the picture, or lead out of it.
 */
export function bmpRunLengths(path: string, bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits, dataStart } = header;
  const indices = new Uint8Array(width * height);
  let x = 0;
  /** From the bottom up. */
  let y = 0;
  let at = dataStart;
  const next = (): number => {
    if (at < bytes.length) return bytes[at++]!;
    throw new DataError(
      `${path}: must be a whole image, got a truncated or damaged one (run lengths end at row ${height - 1 - y})`,
    );
  };
  const put = (index: number): void => {
    if (x >= width || y >= height) {
      throw new DataError(
        `${path}: run lengths must stay within ${width} x ${height} pixels, got row ${height - 1 - y}, column ${x}`,
      );
    }
    indices[(height - 1 - y) * width + x++] = index;
  };
  const half = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);

  while (y < height) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : half(value, i));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      const stored = bits === 8 ? value : Math.ceil(value / 2);
      let byte = 0;
      for (let i = 0; i < value; i++) {
        if (bits === 8 || i % 2 === 0) byte = next();
        put(bits === 8 ? byte : half(byte, i));
      }
      if (stored % 2 === 1) next();
    }
  }
  return indices;
}

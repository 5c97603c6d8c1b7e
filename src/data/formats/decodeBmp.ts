/** The pixels of BMP files, without any library: the ones there are read no palette, or trust the header. */
import { DataError } from "../../base/errors.ts";
import type { BitField, BmpHeader } from "./bmpHeader.ts";
import { bmpRunLengths } from "./bmpRunLengths.ts";

/** 8-bit pixels, interleaved: red, green, blue, and alpha where the file has it. */
export interface BmpPixels {
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/**
 * The pixels of a BMP file, from the top down. Channels of fewer or more than 8 bits are scaled,
 * floor(255 v / most), as Pillow does.
 *
 * @param header  of the same bytes, which `parseBmpHeader` found to be enough
 * @throws {DataError} with row and column of the first pixel whose colour the palette lacks; if run lengths
 *   lead out of the picture.
 */
export function decodeBmp(path: string, bytes: Uint8Array, header: BmpHeader): BmpPixels {
  const { bits, runLength, fields } = header;
  if (runLength)
    return { channels: 3, data: coloured(path, header, bmpRunLengths(path, bytes, header)) };
  if (bits <= 8) return { channels: 3, data: coloured(path, header, indicesOf(bytes, header)) };
  if (bits === 24) return { channels: 3, data: decode24(bytes, header) };
  return decodeFields(bytes, header, fields[3].most === 0 ? 3 : 4);
}

/** First byte of a row, counted from the top. */
const rowStart = ({ dataStart, rowBytes, topDown, height }: BmpHeader, y: number): number =>
  dataStart + rowBytes * (topDown ? y : height - 1 - y);

/** Palette entries of files of 1 to 8 bits; the leftmost pixel is in the highest bits. */
function indicesOf(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const low = 2 ** bits - 1;
  for (let y = 0, at = 0; y < height; y++) {
    const start = rowStart(header, y);
    for (let x = 0; x < width; x++, at++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      indices[at] = (bytes[start + Math.floor(x / perByte)]! >> shift) & low;
    }
  }
  return indices;
}

function coloured(path: string, { width, palette }: BmpHeader, indices: Uint8Array): Uint8Array {
  const entries = palette.length / 3;
  const data = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index >= entries) {
      throw new DataError(
        `${path}: palette must have the colours of all pixels, got ${entries} colours and pixel value ${index} at row ${Math.floor(i / width)}, column ${i % width}`,
      );
    }
    data[3 * i] = palette[3 * index]!;
    data[3 * i + 1] = palette[3 * index + 1]!;
    data[3 * i + 2] = palette[3 * index + 2]!;
  }
  return data;
}

function decode24(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    let from = rowStart(header, y);
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
    }
  }
  return data;
}

function decodeFields(bytes: Uint8Array, header: BmpHeader, channels: 3 | 4): BmpPixels {
  const { width, height, bits, fields } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Uint8Array(width * height * channels);
  const scaled = (pixel: number, { shift, most }: BitField) =>
    most === 0 ? 0 : Math.floor((255 * ((pixel >>> shift) & most)) / most);
  for (let y = 0, to = 0; y < height; y++) {
    let from = rowStart(header, y);
    for (let x = 0; x < width; x++, from += bits / 8) {
      const pixel = bits === 16 ? view.getUint16(from, true) : view.getUint32(from, true);
      for (let channel = 0; channel < channels; channel++, to++) {
        data[to] = scaled(pixel, fields[channel]!);
      }
    }
  }
  return { channels, data };
}

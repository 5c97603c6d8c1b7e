/** Writing pictures as PNG files, lossless and never half done. */
import sharp from "sharp";
import { ArgumentError } from "../../base/errors.ts";
import type { FloatMap, Mask, RgbImage } from "../../tensor/raster.ts";
import { atomicWriteFile } from "../../base/files.node.ts";

/** Writes an 8-bit RGB PNG. @throws {DataError} if the file cannot be written. */
export async function writeImagePng(path: string, image: RgbImage): Promise<void> {
  await atomicWriteFile(path, await encodePng(image, image.data, 3));
}

/** Writes an 8-bit grey PNG of 0 and 255. @throws {DataError} if the file cannot be written. */
export async function writeMaskPng(path: string, mask: Mask): Promise<void> {
  await atomicWriteFile(
    path,
    await encodePng(
      mask,
      mask.data.map((v) => (v === 0 ? 0 : 255)),
      1,
    ),
  );
}

/**
 * Writes a map of numbers in 0..1 as a grey PNG, value = round(v (2^bits - 1)); what lies outside 0..1
 * becomes the nearer end.
 *
 * @param bits  8 (default) or 16
 * @throws {ArgumentError} if a value is NaN.
 * @throws {DataError} if the file cannot be written.
 */
export async function writeMapPng(path: string, map: FloatMap, bits: 8 | 16 = 8): Promise<void> {
  const white = 2 ** bits - 1;
  const at = map.data.findIndex(Number.isNaN);
  if (at >= 0) {
    throw new ArgumentError(
      `${path}: map must be finite, got NaN at row ${Math.floor(at / map.width)}, column ${at % map.width}`,
    );
  }
  const data = bits === 8 ? new Uint8Array(map.data.length) : new Uint16Array(map.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.floor(Math.min(1, Math.max(0, map.data[i]!)) * white + 0.5);
  }
  await atomicWriteFile(path, await encodePng(map, data, 1));
}

/**
 * Writes a map of class or instance numbers as a 16-bit grey PNG, every value as it is.
 *
 * @param labels  `data[y * width + x]`, 0..65535
 * @throws {ArgumentError} if a value is outside, with its row and column, or the length does not fit.
 * @throws {DataError} if the file cannot be written.
 */
export async function writeLabelPng(
  path: string,
  labels: {
    readonly width: number;
    readonly height: number;
    readonly data: Int32Array | Uint16Array | Uint8Array;
  },
): Promise<void> {
  const { width, height, data } = labels;
  if (data.length !== width * height) {
    throw new ArgumentError(
      `${path}: labels must have ${width} x ${height} = ${width * height} values, got ${data.length}`,
    );
  }
  const at = data.findIndex((value) => value < 0 || value > 65535);
  if (at >= 0) {
    throw new ArgumentError(
      `${path}: labels must be 0 to 65535, got ${data[at]!} at row ${Math.floor(at / width)}, column ${at % width}; number them anew`,
    );
  }
  await atomicWriteFile(path, await encodePng(labels, Uint16Array.from(data), 1));
}

/** PNG bytes of interleaved samples. */
export async function encodePng(
  { width, height }: { readonly width: number; readonly height: number },
  data: Uint8Array | Uint16Array,
  channels: 1 | 3,
): Promise<Uint8Array> {
  const deep = data instanceof Uint16Array;
  const picture = sharp(data, { raw: { width, height, channels } });
  // libvips would guess 16-bit grey to be colour, and 8-bit grey to be worth a palette.
  const space = channels === 3 ? "srgb" : deep ? "grey16" : "b-w";
  return picture.toColourspace(space).png({ compressionLevel: 6, palette: false }).toBuffer();
}

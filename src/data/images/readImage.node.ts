/** Reading an image file of any common kind as 8-bit RGB. */
import sharp from "sharp";
import type { RgbImage } from "../../tensor/raster.ts";
import { DataError } from "../../base/errors.ts";
import { decoding, openImage, type OpenedPicture, type ReadOptions } from "./openImage.node.ts";
import { bitsOf, type StoredImage, toEightBits, type ValueRange } from "./valueRange.ts";
import { decodeBmp } from "../formats/decodeBmp.ts";
import { decodeDicom } from "../formats/decodeDicom.node.ts";

/**
 * The image as 8-bit sRGB, the way a viewer shows it.
 *
 * EXIF orientation is applied. Grey becomes three equal channels, palettes their colours, CMYK and
 * embedded colour profiles sRGB (those of BMP files are left aside). Of 16-bit samples the upper byte is
 * kept, v >> 8, unless `range` says otherwise; DICOM files say themselves how
 * their values are shown, see `decodeDicom`, and `range` looks at what is shown. Transparency is laid over white, the background that lesion
 * and slide pictures are published on.
 *
 * @throws {DataError} if the file is unreadable, truncated, no image, too large, or of an unusual kind; if it is not of the depth
 *   that a measured range belongs to.
 */
export async function readImage(
  path: string,
  options: ReadOptions = {},
  range: ValueRange = { mode: "fixed" },
): Promise<RgbImage> {
  const stored = await readImageValues(path, options, range.mode !== "fixed");
  const { width, height } = stored;
  return { width, height, data: inRange(path, stored, range) };
}

/** The values as 8 bits. @throws {DataError} if they are not of the depth that the range was measured on. */
export function inRange(path: string, stored: StoredImage, range: ValueRange): Uint8Array {
  const bits = bitsOf(stored);
  if (range.mode === "dataset" && range.bits !== bits) {
    throw new DataError(
      `${path}: image must have ${range.bits} bits a value, as those that the range of values was measured on, got ${bits}; convert it, or train with --normalise image`,
    );
  }
  return toEightBits(stored, range);
}

/**
 * The image as `readImage` has it, but before its values become 8 bits.
 *
 * @param deep  keep 16 bits where the file has them; default true
 * @throws {DataError} as `readImage`.
 */
export async function readImageValues(
  path: string,
  options: ReadOptions = {},
  deep = true,
): Promise<StoredImage> {
  const opened = await openImage(path, options);
  const { width, height, bytes } = opened;
  switch (opened.kind) {
    case "picture":
      return readPicture(opened, deep && opened.header.depth === "ushort");
    case "bmp": {
      const { channels, data } = decodeBmp(path, bytes, opened.header);
      return { width, height, data: channels === 4 ? overWhite(data) : data };
    }
    case "dicom":
      return { width, height, data: await decodeDicom(opened) };
  }
}

async function readPicture({ path, bytes }: OpenedPicture, deep: boolean): Promise<StoredImage> {
  const { data, info } = await decoding(path, () =>
    sharp(bytes, { limitInputPixels: false })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace(deep ? "rgb16" : "srgb")
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height } = info;
  if (deep) {
    // A copy, since a Uint16Array wants an even offset.
    const aligned = new Uint8Array(data).buffer;
    return { width, height, data: new Uint16Array(aligned, 0, width * height * 3) };
  }
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, width * height * 3) };
}

/** c alpha / 255 + 255 - alpha. */
function overWhite(rgba: Uint8Array): Uint8Array {
  const data = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      data[to++] = Math.round((rgba[from + channel]! * alpha) / 255 + 255 - alpha);
    }
  }
  return data;
}

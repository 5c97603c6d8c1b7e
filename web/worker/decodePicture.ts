/** Reading image files in a browser: what it decodes by itself, and TIFF. */
import { DataError } from "../../src/web.ts";
import { describeFile } from "../shared/fileKind.ts";
import type { Picture } from "../shared/picture.ts";

/** Pixels an image may have, as for the command line. */
const maxPixels = 100_000_000;

/**
 * The image as 8-bit sRGB; orientation applied, transparency over white.
 *
 * @throws {DataError} if the file is no image, damaged, too large, or of a kind that browsers do not read.
 */
export async function decodePicture(file: File): Promise<Picture> {
  const { name } = file;
  const head = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
  if (head.length === 0) throw new DataError(`${name}: must be an image, got an empty file`);
  const { kind, bits = 8, size } = describeFile(head);
  if (size) refuseTooLarge(name, size.width, size.height);
  if (kind === "dicom") {
    throw new DataError(
      `${name}: must be a PNG, JPEG, WebP, BMP, GIF, AVIF or TIFF image, got DICOM; use sgdc predict, or convert it with sgdc data convert`,
    );
  }
  const { width, height, data } = await (kind === "tiff"
    ? decodeTiff(file)
    : decodeByBrowser(file));
  return { width, height, data: withoutAlpha(data), bits };
}

function refuseTooLarge(name: string, width: number, height: number): void {
  if (width * height <= maxPixels) return;
  throw new DataError(
    `${name}: must have at most ${maxPixels} pixels, got ${width} x ${height} = ${width * height}; shrink it`,
  );
}

/** Four bytes a pixel, opaque. */
interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

async function decodeByBrowser(file: File): Promise<Rgba> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      imageOrientation: "from-image",
      premultiplyAlpha: "none",
    });
  } catch (cause) {
    throw new DataError(
      `${file.name}: must be a PNG, JPEG, WebP, BMP, GIF, AVIF or TIFF image, got a file that is none or is damaged`,
      { cause },
    );
  }
  try {
    const { width, height } = bitmap;
    refuseTooLarge(file.name, width, height);
    return overWhite(file.name, bitmap);
  } finally {
    bitmap.close();
  }
}

function overWhite(name: string, bitmap: ImageBitmap): Rgba {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) {
    throw new DataError(
      `${name}: the browser must have memory for ${width} x ${height} pixels, got none; close other pages or shrink the image`,
    );
  }
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function decodeTiff(file: File): Promise<Rgba> {
  // Loaded when there is such a file.
  const { default: tiff } = await import("utif2");
  const bytes = await file.arrayBuffer();
  try {
    const pages = tiff.decode(bytes);
    const [page] = pages;
    if (!page) throw new DataError("no picture");
    if (pages.length > 1) {
      throw new DataError(
        `${file.name}: must hold one picture, got ${pages.length}; save each as a file of its own`,
      );
    }
    tiff.decodeImage(bytes, page);
    const { width, height } = page;
    refuseTooLarge(file.name, width, height);
    return { width, height, data: tiff.toRGBA8(page) };
  } catch (cause) {
    if (cause instanceof DataError && cause.message.startsWith(file.name)) throw cause;
    throw new DataError(`${file.name}: must be a whole image, got a truncated or damaged one`, {
      cause,
    });
  }
}

function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    data[to++] = rgba[from]!;
    data[to++] = rgba[from + 1]!;
    data[to++] = rgba[from + 2]!;
  }
  return data;
}

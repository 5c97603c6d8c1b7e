/** Opening image files of any kind by their headers, with everything suspicious refused by name. */
import sharp, { type Metadata } from "sharp";
import { DataError } from "../../base/errors.ts";
import { type BmpHeader, parseBmpHeader } from "../formats/bmpHeader.ts";
import { type DicomFile, isDicom, parseDicomFile } from "../formats/dicomFile.node.ts";
import type { LabelRules } from "../labels/labelRules.ts";
import { fileReason, readWholeFile } from "../../base/files.node.ts";

// Loaders read many files at once; threads inside one decode would only compete with the training.
sharp.concurrency(1);
sharp.cache(false);

/** Pixels an image may have unless told otherwise: 100 million, 300 MB decoded. */
export const defaultMaxPixels = 100_000_000;

/** How image files are read. */
export interface ReadOptions {
  /** The most pixels an image may have, by its header; default 100 million. */
  readonly maxPixels?: number;
  /** How label files are understood that would be refused without. */
  readonly rules?: LabelRules | undefined;
}

/** Width and height, pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** @throws {DataError} if an image of this size has more than `maxPixels` pixels. */
export function refuseTooLarge(path: string, { width, height }: Size, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new DataError(
    `${path}: must have at most ${maxPixels} pixels, got ${width} x ${height} = ${width * height}; shrink it or raise maxPixels`,
  );
}

/** An image file in memory with its header read and found usable. */
export type Opened = OpenedPicture | OpenedBmp | OpenedDicom;

interface OpenedFile extends Size {
  readonly path: string;
  readonly bytes: Buffer;
}

/** What libvips reads. Its size is that seen, with the EXIF orientation applied. */
export interface OpenedPicture extends OpenedFile {
  readonly kind: "picture";
  readonly header: Metadata;
}

export interface OpenedBmp extends OpenedFile {
  readonly kind: "bmp";
  readonly header: BmpHeader;
}

export interface OpenedDicom extends OpenedFile {
  readonly kind: "dicom";
  readonly header: DicomFile;
}

const formats = ["jpeg", "png", "webp", "tiff", "gif", "heif"];
const known = "PNG, JPEG, WebP, TIFF, GIF, AVIF, BMP or DICOM image";

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, "; ");

/**
 * Reads a file and its header, but decodes nothing.
 *
 * @throws {DataError} if the file cannot be read, is no image, holds several pictures, has samples
 *   other than 8 or 16 bit, or more than `maxPixels` pixels.
 */
export async function openImage(path: string, options: ReadOptions = {}): Promise<Opened> {
  const { maxPixels = defaultMaxPixels } = options;
  let bytes: Buffer;
  try {
    bytes = await readWholeFile(path);
  } catch (error) {
    throw new DataError(`${path}: must be a readable image, got ${fileReason(error)}`, {
      cause: error,
    });
  }
  if (bytes.length === 0) throw new DataError(`${path}: must be an image, got an empty file`);
  const opened = await openBytes(path, bytes);
  refuseTooLarge(path, opened, maxPixels);
  return opened;
}

async function openBytes(path: string, bytes: Buffer): Promise<Opened> {
  if (bytes.subarray(0, 2).toString("latin1") === "BM") {
    const header = parseBmpHeader(path, bytes);
    return { kind: "bmp", path, bytes, header, width: header.width, height: header.height };
  }
  if (isDicom(bytes)) {
    const header = parseDicomFile(path, bytes);
    return { kind: "dicom", path, bytes, header, width: header.width, height: header.height };
  }
  let header: Metadata;
  try {
    header = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw new DataError(
      `${path}: must be a ${known}, got a file that is none or is damaged (${reasonOf(error)})`,
      { cause: error },
    );
  }
  if (!formats.includes(header.format)) {
    throw new DataError(`${path}: must be a ${known}, got ${header.format}`);
  }
  if ((header.pages ?? 1) > 1) {
    throw new DataError(
      `${path}: must hold one picture, got ${header.pages ?? 1}; save each as a file of its own`,
    );
  }
  if (header.depth !== "uchar" && header.depth !== "ushort") {
    throw new DataError(
      `${path}: samples must have 8 or 16 bits, got type ${header.depth}; convert the file to 8 bits`,
    );
  }
  return { kind: "picture", path, bytes, header, ...header.autoOrient };
}

/** Runs a decode and words its failure: truncated and damaged files end here. */
export async function decoding<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DataError(
      `${path}: must be a whole image, got a truncated or damaged one (${reasonOf(error)})`,
      { cause: error },
    );
  }
}

/** Putting the image of a sample into another folder: byte for byte where that is allowed, else as PNG. */
import { constants, copyFile, open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import sharp from "sharp";
import { DataError } from "../../base/errors.ts";
import { extensionOf, type Sample } from "../dataset.ts";
import { decoding, openImage, type Opened } from "../images/openImage.node.ts";
import { atomicWriteFile, fileIn, fileReason, makeFolder } from "../../base/files.node.ts";
import { readSampleImage } from "../readSample.node.ts";
import { encodePng } from "../formats/writePng.node.ts";

/** Which image files may stay as they are. */
export type ImageRule =
  /** Every file that can be read here. */
  | { readonly kind: "any" }
  /** Pictures that other programs show as this one does: no DICOM, no EXIF rotation. */
  | { readonly kind: "upright" }
  /** PNG files of exactly so many channels, without palette, transparency or rotation. */
  | { readonly kind: "plainPng"; readonly channels: 1 | 3 };

export interface Placed {
  /** File name. */
  readonly file: string;
  /** Whether it is the original, byte for byte. */
  readonly copied: boolean;
}

/**
 * Writes the image of `sample` to `folder/stem` with its own extension, or as PNG.
 *
 * A PNG that is made has the pixels that `readImage` gives; of files with 16 bits a sample and no colour
 * profile or transparency it keeps all 16.
 *
 * @throws {DataError} as `readImage`; if the file cannot be written.
 */
export async function placeImage(
  sample: Sample,
  folder: string,
  stem: string,
  rule: ImageRule,
): Promise<Placed> {
  const opened = sample.index === undefined ? await openImage(sample.image) : undefined;
  if (opened !== undefined && mayStay(opened, rule)) {
    const path = fileIn(folder, stem, extensionOf(sample.image));
    await copyDurably(sample.image, path);
    return { file: basename(path), copied: true };
  }
  const path = fileIn(folder, stem, ".png");
  const grey = rule.kind === "plainPng" && rule.channels === 1;
  await atomicWriteFile(
    path,
    opened !== undefined && isDeep(opened)
      ? await encodeDeep(opened, grey)
      : await encodeRead(sample, grey),
  );
  return { file: basename(path), copied: false };
}

/** Whether the image has one channel of brightness and nothing else. */
export async function isGrey(sample: Sample): Promise<boolean> {
  if (sample.index !== undefined) return false;
  const opened = await openImage(sample.image);
  if (opened.kind === "picture") return opened.header.channels === 1;
  return opened.kind === "dicom" && opened.header.photometric.startsWith("MONOCHROME");
}

function mayStay(opened: Opened, rule: ImageRule): boolean {
  if (rule.kind === "any") return true;
  if (opened.kind !== "picture") return rule.kind === "upright" && opened.kind === "bmp";
  const { orientation = 1, format, hasAlpha, isPalette, channels } = opened.header;
  if (orientation !== 1) return false;
  if (rule.kind === "upright") return true;
  return format === "png" && !hasAlpha && !isPalette && channels === rule.channels;
}

const isDeep = (opened: Opened): boolean =>
  opened.kind === "picture" &&
  opened.header.depth === "ushort" &&
  !opened.header.hasAlpha &&
  opened.header.icc === undefined;

const encodeDeep = ({ path, bytes }: Opened, grey: boolean): Promise<Uint8Array> =>
  decoding(path, () =>
    sharp(bytes, { limitInputPixels: false })
      .autoOrient()
      .toColourspace(grey ? "grey16" : "rgb16")
      .png({ compressionLevel: 6, palette: false })
      .toBuffer(),
  );

async function encodeRead(sample: Sample, grey: boolean): Promise<Uint8Array> {
  const image = await readSampleImage(sample);
  if (!grey) return encodePng(image, image.data, 3);
  const brightness = new Uint8Array(image.data.length / 3);
  for (let i = 0; i < brightness.length; i++) brightness[i] = image.data[3 * i]!;
  return encodePng(image, brightness, 1);
}

async function copyDurably(from: string, to: string): Promise<void> {
  try {
    await makeFolder(dirname(to));
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const file = await open(to, "r+");
    try {
      await file.chmod(0o644);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new DataError(`${to}: the image must be copied there, got ${fileReason(error)}`, {
      cause: error,
    });
  }
}

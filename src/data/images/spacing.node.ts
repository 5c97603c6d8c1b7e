/** Reading the size of pixels in mm from image files. */
import { open } from "node:fs/promises";
import { refuseSpecial } from "../../base/files.node.ts";
import { openImage } from "./openImage.node.ts";
import { isDicom } from "../formats/dicomFile.node.ts";
import type { PixelSpacing, SpacingCount } from "./spacing.ts";

/** The spacing of each image, in their order. */
export interface SpacingSurvey extends SpacingCount {
  readonly spacings: readonly (PixelSpacing | undefined)[];
}

/** Bytes that tell a DICOM file. */
const beginning = 132;

/**
 * The spacing that an image file states: Pixel Spacing (0028,0030) of a DICOM file. The resolutions in
 * other formats are those of print or screen and are not looked at.
 *
 * @throws {DataError} if a DICOM file is damaged; of other files, nothing is said here.
 */
export async function readSpacing(path: string): Promise<PixelSpacing | undefined> {
  const bytes = Buffer.alloc(beginning);
  try {
    await refuseSpecial(path);
    const file = await open(path);
    try {
      await file.read(bytes, 0, beginning, 0);
    } finally {
      await file.close();
    }
  } catch {
    // Whoever reads the image says what is wrong with the file.
    return undefined;
  }
  if (!isDicom(bytes)) return undefined;
  const opened = await openImage(path);
  return opened.kind === "dicom" ? opened.header.spacingMm : undefined;
}

/**
 * The spacings of images, from their headers alone.
 *
 * @param paths  of image files; an array file (.npy) tells none
 * @throws {DataError} as `readSpacing`.
 */
export async function surveySpacings(paths: readonly string[]): Promise<SpacingSurvey> {
  const spacings: (PixelSpacing | undefined)[] = [];
  for (const path of paths) spacings.push(await readSpacing(path));
  const known = spacings.filter((spacing) => spacing !== undefined).length;
  return { images: paths.length, known, spacings };
}

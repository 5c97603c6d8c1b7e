/** Reading a sample: image and labels, of one size. */
import { DataError } from "../base/errors.ts";
import type { Labelled, RgbImage } from "../tensor/raster.ts";
import type { Sample } from "./dataset.ts";
import { openImage, type ReadOptions, type Size } from "./images/openImage.node.ts";
import { openArrayImage, readArrayImage } from "./formats/readArray.node.ts";
import { inRange, readImage, readImageValues } from "./images/readImage.node.ts";
import type { StoredImage } from "./images/valueRange.ts";
import { labelsPath, openLabelSource, readLabelSource } from "./labels/readLabelSource.node.ts";

export type { Size } from "./images/openImage.node.ts";

/** What the headers of a sample tell. */
export interface OpenedSample extends Size {
  /** Distance of neighbouring pixels in mm, [y, x], where the image file tells (DICOM). */
  readonly spacingMm?: readonly [number, number];
}

function sameSize(sample: Sample, image: Size, labels: Size): void {
  if (image.width === labels.width && image.height === labels.height) return;
  throw new DataError(
    `${labelsPath(sample.labels)}: mask must have the size of its image ${sample.image}, ${image.width} x ${image.height}, got ${labels.width} x ${labels.height}`,
  );
}

/**
 * Checks by the headers alone that image and labels have one size.
 *
 * @returns that size, and the spacing of the pixels where it is known
 * @throws {DataError} as `readImage` for headers; if the sizes differ.
 */
export async function openSample(sample: Sample, options: ReadOptions = {}): Promise<OpenedSample> {
  const image = await openSampleImage(sample, options);
  sameSize(sample, image, await openLabelSource(sample.labels, options, image));
  return image;
}

async function openSampleImage(sample: Sample, options: ReadOptions): Promise<OpenedSample> {
  if (sample.index !== undefined) {
    const { width, height } = await openArrayImage(sample.image, sample.index, options);
    return { width, height };
  }
  const opened = await openImage(sample.image, options);
  const { width, height } = opened;
  const spacingMm = opened.kind === "dicom" ? opened.header.spacingMm : undefined;
  return { width, height, ...(spacingMm && { spacingMm }) };
}

/** What tells where an image lies and how it is read. */
export type SampleImage = Pick<Sample, "image" | "index" | "range">;

/**
 * The image of a sample, from a file of its own or from an array of many.
 *
 * @throws {DataError} as `readImage` and `readArrayImage`.
 */
export async function readSampleImage(
  { image, index, range = { mode: "fixed" } }: SampleImage,
  options: ReadOptions = {},
): Promise<RgbImage> {
  if (index === undefined) return readImage(image, options, range);
  const stored = await readArrayImage(image, index, options);
  return { ...stored, data: inRange(image, stored, range) };
}

/**
 * The values of a sample's image as they are stored.
 *
 * @throws {DataError} as `readSampleImage`.
 */
export const readSampleValues = ({ image, index }: SampleImage): Promise<StoredImage> =>
  index === undefined ? readImageValues(image) : readArrayImage(image, index);

/**
 * Image and labels at native size.
 *
 * @throws {DataError} as `readSampleImage` and `readLabelSource`; if the sizes differ.
 */
export async function readSample(sample: Sample, options: ReadOptions = {}): Promise<Labelled> {
  const image = await readSampleImage(sample, options);
  // COCO's objects take memory by a size that is only a statement: it must be right first.
  if (sample.labels.kind === "coco") sameSize(sample, image, sample.labels);
  const labels = await readLabelSource(sample.labels, options, image);
  sameSize(sample, image, labels);
  return { image, labels };
}

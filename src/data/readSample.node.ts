/** Reading a sample: image and mask, of one size. */
import { DataError } from "../tensor/errors.ts";
import type { Mask, RgbImage } from "../tensor/raster.ts";
import type { Sample } from "./dataset.ts";
import { openImage, type ReadOptions } from "./decode.node.ts";
import { readImage } from "./readImage.node.ts";
import { readMask } from "./readMask.node.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

function sameSize(sample: Sample, image: Size, mask: Size): void {
  if (image.width === mask.width && image.height === mask.height) return;
  throw new DataError(
    `${sample.mask}: mask must have the size of its image ${sample.image}, ${image.width} x ${image.height}, got ${mask.width} x ${mask.height}`,
  );
}

/**
 * Checks by the headers alone that image and mask have one size.
 *
 * @throws {DataError} as `readImage` for headers; if the sizes differ.
 */
export async function checkPair(sample: Sample, options: ReadOptions = {}): Promise<void> {
  const image = await openImage(sample.image, options);
  sameSize(sample, image, await openImage(sample.mask, options));
}

/**
 * Image and mask at native size.
 *
 * @throws {DataError} as `readImage` and `readMask`; if the sizes differ.
 */
export async function readSample(
  sample: Sample,
  options: ReadOptions = {},
): Promise<{ image: RgbImage; mask: Mask }> {
  const image = await readImage(sample.image, options);
  const mask = await readMask(sample.mask, options);
  sameSize(sample, image, mask);
  return { image, mask };
}

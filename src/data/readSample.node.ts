/** Reading a sample: image and labels, of one size. */
import { DataError } from "../tensor/errors.ts";
import type { Labelled } from "../tensor/raster.ts";
import type { Sample } from "./dataset.ts";
import { openImage, type ReadOptions } from "./decode.node.ts";
import { readImage } from "./readImage.node.ts";
import { labelsPath, readLabels } from "./readLabels.node.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

function sameSize(sample: Sample, image: Size, labels: Size): void {
  if (image.width === labels.width && image.height === labels.height) return;
  throw new DataError(
    `${labelsPath(sample.labels)}: mask must have the size of its image ${sample.image}, ${image.width} x ${image.height}, got ${labels.width} x ${labels.height}`,
  );
}

/**
 * Checks by the headers alone that image and mask have one size.
 *
 * @throws {DataError} as `readImage` for headers; if the sizes differ.
 */
export async function checkPair(sample: Sample, options: ReadOptions = {}): Promise<void> {
  const image = await openImage(sample.image, options);
  sameSize(sample, image, await openImage(labelsPath(sample.labels), options));
}

/**
 * Image and labels at native size.
 *
 * @throws {DataError} as `readImage` and `readLabels`; if the sizes differ.
 */
export async function readSample(sample: Sample, options: ReadOptions = {}): Promise<Labelled> {
  const image = await readImage(sample.image, options);
  const labels = await readLabels(sample.labels, options);
  sameSize(sample, image, labels);
  return { image, labels };
}

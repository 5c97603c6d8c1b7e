/** Reading the labels of a sample, of whatever kind they are. */
import { DataError } from "../../base/errors.ts";
import type { Labels } from "../../tensor/raster.ts";
import { cocoLabels } from "./cocoLabels.ts";
import type { LabelSource } from "../dataset.ts";
import {
  openImage,
  type ReadOptions,
  refuseTooLarge,
  type Size,
} from "../images/openImage.node.ts";
import { defaultMaxPixels } from "../images/openImage.node.ts";
import { openArrayLabels, readArrayLabels } from "../formats/readArray.node.ts";
import { readLabelMapFile } from "../labels/labelFiles.node.ts";
import { readMaskFile } from "./labelFiles.node.ts";

/** The file that messages about the labels name. */
export const labelsPath = (source: LabelSource): string =>
  source.kind === "instanceMasks" ? (source.paths[0] ?? "masks") : source.path;

/**
 * Size of labels by headers alone.
 *
 * @param imageSize  size of the image: what labels without any file (no instance at all) have
 * @throws {DataError} if a header is unusable, or the masks of one image differ in size.
 */
export async function openLabelSource(
  source: LabelSource,
  options: ReadOptions = {},
  imageSize?: Size,
): Promise<Size> {
  switch (source.kind) {
    case "mask":
    case "classMap":
    case "instanceMap": {
      const { width, height } = await openImage(source.path, options);
      return { width, height };
    }
    case "instanceMasks": {
      const [first, ...rest] = source.paths;
      if (first === undefined) return sizeOfNone(imageSize);
      const { width, height } = await openImage(first, options);
      for (const path of rest) sameSize(path, await openImage(path, options), { width, height });
      return { width, height };
    }
    case "conic": {
      const { width, height } = await openArrayLabels(source.path, source.index, options);
      return { width, height };
    }
    case "coco":
      refuseTooLarge(
        `${source.path}: image ${source.imageId}`,
        source,
        options.maxPixels ?? defaultMaxPixels,
      );
      return { width: source.width, height: source.height };
  }
}

/**
 * Class and, where told apart, instance of every pixel, at native size.
 *
 * Masks and class maps tell no instances apart. Instance maps give their ids, all of class 1. Of masks
 * that are one instance each, the first is instance 1; of COCO's objects likewise. Where such overlap,
 * the later covers the earlier.
 *
 * @param imageSize  size of the image: what labels without any file (no instance at all) have
 * @throws {DataError} if a file is unreadable, or holds values that its kind does not allow.
 */
export async function readLabelSource(
  source: LabelSource,
  options: ReadOptions = {},
  imageSize?: Size,
): Promise<Labels> {
  switch (source.kind) {
    case "mask": {
      const { width, height, data } = await readMaskFile(source.path, options);
      return { width, height, classes: data };
    }
    case "classMap": {
      const { path, classes: most } = source;
      const { width, height, data } = await readLabelMapFile(path, options, most, "class map");
      return { width, height, classes: Uint8Array.from(data) };
    }
    case "instanceMap": {
      const { width, height, data } = await readLabelMapFile(source.path, options);
      const instances = Int32Array.from(data);
      if (source.classMap !== undefined) {
        const { path, classes: most } = source.classMap;
        const map = await readLabelMapFile(path, options, most, "class map");
        sameSize(path, map, { width, height }, "class and instance maps");
        return { width, height, classes: Uint8Array.from(map.data), instances };
      }
      const classes = new Uint8Array(data.length);
      for (let i = 0; i < data.length; i++) classes[i] = data[i] === 0 ? 0 : 1;
      return { width, height, classes, instances };
    }
    case "instanceMasks":
      return readInstanceMasks(source.paths, options, imageSize);
    case "conic":
      return readArrayLabels(source.path, source.index, options);
    case "coco":
      await openLabelSource(source, options);
      return cocoLabels(source);
  }
}

/** One mask at a time, so that memory stays that of one. */
async function readInstanceMasks(
  paths: readonly string[],
  options: ReadOptions,
  imageSize: Size | undefined,
): Promise<Labels> {
  let labels: Required<Labels> | undefined;
  for (const [i, path] of paths.entries()) {
    const mask = await readMaskFile(path, options);
    labels ??= noInstances(mask);
    sameSize(path, mask, labels);
    for (let at = 0; at < mask.data.length; at++) {
      if (mask.data[at] === 0) continue;
      labels.instances[at] = i + 1;
      labels.classes[at] = 1;
    }
  }
  return labels ?? noInstances(sizeOfNone(imageSize));
}

const noInstances = ({ width, height }: Size): Required<Labels> => ({
  width,
  height,
  classes: new Uint8Array(width * height),
  instances: new Int32Array(width * height),
});

function sizeOfNone(imageSize: Size | undefined): Size {
  if (imageSize !== undefined) return imageSize;
  throw new DataError("masks: image must have at least one mask file, got none");
}

function sameSize(path: string, mask: Size, first: Size, what = "masks"): void {
  if (mask.width === first.width && mask.height === first.height) return;
  throw new DataError(
    `${path}: ${what} of one image must have one size, ${first.width} x ${first.height}, got ${mask.width} x ${mask.height}`,
  );
}

/** Reading images and labels that lie in .npy arrays of many, as CoNIC's do. */
import { DataError } from "../../base/errors.ts";
import type { Labels, RgbImage } from "../../tensor/raster.ts";
import {
  defaultMaxPixels,
  type ReadOptions,
  refuseTooLarge,
  type Size,
} from "../images/openImage.node.ts";
import { npyEntryShape, openNpy, readNpyEntry, type NpyFile } from "./readNpy.node.ts";

/** The highest class of CoNIC. */
const conicClasses = 6;

interface OpenedArray extends Size {
  readonly npy: NpyFile;
}

async function openArray(
  path: string,
  index: number,
  channels: number,
  what: string,
  options: ReadOptions,
): Promise<OpenedArray> {
  const npy = await openNpy(path);
  const [height, width, last, ...more] = npyEntryShape(npy, index);
  if (height === undefined || width === undefined || last !== channels || more.length > 0) {
    throw new DataError(
      `${path}: array of ${what} must have shape (count, height, width, ${channels}), got (${npy.shape.join(", ")})`,
    );
  }
  if (width === 0 || height === 0) {
    throw new DataError(`${path}: ${what} must have pixels, got shape (${npy.shape.join(", ")})`);
  }
  refuseTooLarge(path, { width, height }, options.maxPixels ?? defaultMaxPixels);
  return { npy, width, height };
}

/** Header of an array of images, (count, height, width, 3) of uint8. Throws as `readArrayImage` does. */
export async function openArrayImage(
  path: string,
  index: number,
  options: ReadOptions = {},
): Promise<OpenedArray> {
  const opened = await openArray(path, index, 3, "images", options);
  if (opened.npy.dtype !== "uint8") {
    throw new DataError(`${path}: array of images must be uint8, got ${opened.npy.dtype}`);
  }
  return opened;
}

/** Header of an array of instances and classes, (count, height, width, 2) of integers. */
export async function openArrayLabels(
  path: string,
  index: number,
  options: ReadOptions = {},
): Promise<OpenedArray> {
  const opened = await openArray(path, index, 2, "labels", options);
  if (!/int/.test(opened.npy.dtype)) {
    throw new DataError(`${path}: array of labels must be integers, got ${opened.npy.dtype}`);
  }
  return opened;
}

/**
 * One image of an array (count, height, width, 3) of uint8, RGB.
 *
 * @throws {DataError} if the file is unreadable, cut off, of another shape or type, or lacks the entry.
 */
export async function readArrayImage(
  path: string,
  index: number,
  options: ReadOptions = {},
): Promise<RgbImage> {
  const { npy, width, height } = await openArrayImage(path, index, options);
  const { data } = await readNpyEntry(npy, index);
  return { width, height, data: data as Uint8Array };
}

/**
 * One entry of CoNIC's labels, (count, height, width, 2) of any integer type: instance ids, and classes
 * 0 to 6.
 *
 * @throws {DataError} as `readArrayImage`; with row and column of the first id or class out of range.
 */
export async function readArrayLabels(
  path: string,
  index: number,
  options: ReadOptions = {},
): Promise<Required<Labels>> {
  const { npy, width, height } = await openArrayLabels(path, index, options);
  const { data } = await readNpyEntry(npy, index);
  const classes = new Uint8Array(width * height);
  const instances = new Int32Array(width * height);
  const refuse = (i: number, must: string, got: number): never => {
    const place = `entry ${index}, row ${Math.floor(i / width)}, column ${i % width}`;
    throw new DataError(`${path}: ${must}, got ${got} at ${place}`);
  };
  for (let i = 0; i < classes.length; i++) {
    const id = data[2 * i]!;
    const kind = data[2 * i + 1]!;
    if (id < 0 || id > 2 ** 31 - 1) refuse(i, "instance ids must be 0 to 2147483647", id);
    if (kind < 0 || kind > conicClasses) refuse(i, `classes must be 0 to ${conicClasses}`, kind);
    instances[i] = id;
    classes[i] = kind;
  }
  return { width, height, classes, instances };
}

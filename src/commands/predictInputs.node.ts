/** What is to be predicted: image files, the images of folders, and those of data sets. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ArgumentError, DataError } from "../base/errors.ts";
import { stemOf } from "../data/dataset.ts";
import { imageFolder } from "../data/layouts/folders.node.ts";
import { listFolder } from "../data/layouts/folderTree.node.ts";
import { listImages, openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";

/** An image, and the name that its results begin with. */
export interface PredictInput {
  readonly name: string;
  /** Path of an image file, or of an array file. */
  readonly image: string;
  /** Which entry, where `image` is an array file (.npy) of many. */
  readonly index?: number;
}

/**
 * The images behind paths. A folder means the images directly in it; if there are none, it is a data set, as for training, of
 * which all parts are taken, or a folder whose images lie in `images/`, with or without masks.
 *
 * @throws {DataError} if a path is not there, or a folder is none of these.
 * @throws {ArgumentError} if two images have one name.
 */
export async function predictInputs(paths: readonly string[]): Promise<PredictInput[]> {
  const inputs = (await Promise.all(paths.map(inputsOf))).flat();
  const seen = new Map<string, PredictInput>();
  for (const input of inputs) {
    const other = seen.get(input.name);
    if (other !== undefined) {
      throw new ArgumentError(
        `predict: images must differ in their names without extension, got ${other.image} and ${input.image}; predict them into separate folders`,
      );
    }
    seen.set(input.name, input);
  }
  return inputs;
}

async function inputsOf(path: string): Promise<PredictInput[]> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() !== true) return (await listImages(path)).map(fileInput);
  const { folders, images } = await listFolder(path);
  if (images.length > 0) return images.map((file) => fileInput(join(path, file)));
  try {
    const { train, validation, test } = qualifyNames(await openDataset(path));
    return [...train, ...validation, ...test].map(({ name, image, index }) => ({
      name,
      image,
      ...(index !== undefined && { index }),
    }));
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // Images to predict need no masks.
    const inner = folders.find((name) => imageFolder.test(name));
    if (inner === undefined) throw error;
    return (await listImages(join(path, inner))).map(fileInput);
  }
}

const fileInput = (image: string): PredictInput => ({ name: stemOf(basename(image)), image });

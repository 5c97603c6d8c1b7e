/** What is to be predicted: image files, the images of folders, and those of data sets. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ArgumentError, DataError } from "../base/errors.ts";
import { stemOf, type Preferred } from "../data/dataset.ts";
import { imageFolder } from "../data/layouts/folders.node.ts";
import { folderTree } from "../data/layouts/folderTree.node.ts";
import { noImagesIn } from "../data/layouts/otherFormats.ts";
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
 * @param prefer  of images of one folder that differ in their extension alone, the one to take; default: refuse both
 * @throws {DataError} if a path is not there, or a folder is none of these.
 * @throws {ArgumentError} if two images have one name.
 */
export async function predictInputs(
  paths: readonly string[],
  prefer?: Preferred,
): Promise<PredictInput[]> {
  const inputs = (await Promise.all(paths.map((path) => inputsOf(path, prefer)))).flat();
  const seen = new Map<string, PredictInput>();
  for (const input of inputs) {
    const other = seen.get(input.name);
    if (other !== undefined) {
      throw new ArgumentError(
        `predict: images must differ in their names without extension, got ${other.image} and ${input.image}; predict them into separate folders, or take one format of a folder with --prefer`,
      );
    }
    seen.set(input.name, input);
  }
  return inputs;
}

async function inputsOf(path: string, prefer: Preferred | undefined): Promise<PredictInput[]> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() !== true) return (await listImages(path)).map(fileInput);
  const tree = folderTree(path, { prefer });
  const { folders, images } = await tree.list(path);
  if (images.length > 0) return images.map((file) => fileInput(join(path, file)));
  try {
    const { train, validation, test } = qualifyNames(await openDataset(path, { prefer }));
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
    const below = join(path, inner);
    const listed = await tree.list(below);
    if (listed.images.length === 0)
      throw new DataError(noImagesIn(below, listed.files), { cause: error });
    return listed.images.map((file) => fileInput(join(below, file)));
  }
}

const fileInput = (image: string): PredictInput => ({ name: stemOf(basename(image)), image });

/** Which files belong together: predicted and true labels of two folders or arrays, and their images. */
import { basename } from "node:path";
import { listImages } from "../data/openDataset.node.ts";
import { extensionOf, imageKey, maskKey, stemOf, type LabelSource } from "../data/dataset.ts";
import { openNpy } from "../data/formats/readNpy.node.ts";
import { labelsPath } from "../data/labels/readLabelSource.node.ts";
import { readSampleImage } from "../data/readSample.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";

/** Where the labels of one image lie. */
export interface FilePair {
  readonly name: string;
  readonly prediction: LabelSource;
  readonly truth: LabelSource;
}

/** Of masks. @throws {DataError} as `pairMasks`; if a folder is missing or holds no image. */
export const maskPairs = (predictions: string, truths: string): Promise<FilePair[]> =>
  picturePairs(predictions, truths, "mask", (path) => ({ kind: "mask", path }));

/** Of maps of K classes. @throws {DataError} as `maskPairs` */
export const classPairs = (
  predictions: string,
  truths: string,
  classes: number,
): Promise<FilePair[]> =>
  picturePairs(predictions, truths, "classes", (path) => ({ kind: "classMap", path, classes }));

/**
 * Of instance maps: pictures, or two arrays (.npy) in the form of CoNIC's labels, paired by their order.
 *
 * @throws {DataError} as `maskPairs`; if one is an array and the other none, or their lengths differ.
 * @throws {ArgumentError} if several classes are asked of pictures, which hold none.
 */
export async function instancePairs(
  predictions: string,
  truths: string,
  classes: number,
): Promise<FilePair[]> {
  const arrays = [predictions, truths].filter((path) => path.toLowerCase().endsWith(".npy"));
  if (arrays.length === 2) return arrayPairs(predictions, truths);
  if (arrays.length === 1)
    throw new DataError(
      `${arrays[0]!}: predictions and truths must both be arrays, or both folders of pictures, ` +
        `got one of each`,
    );
  if (classes > 1)
    throw new ArgumentError(
      `classes (--classes) must be 1 for instance maps in pictures, got ${classes}; ` +
        `several classes come with arrays (.npy) of instances and classes`,
    );
  return picturePairs(predictions, truths, "instances", (path) => ({ kind: "instanceMap", path }));
}

async function arrayPairs(predictions: string, truths: string): Promise<FilePair[]> {
  const [{ shape: p }, { shape: t }] = await Promise.all([openNpy(predictions), openNpy(truths)]);
  const [count = 0] = t;
  if (p[0] !== count)
    throw new DataError(
      `${predictions}: must hold as many entries as ${truths}, ${count}, got ${p[0] ?? 0}`,
    );
  return Array.from({ length: count }, (_, index) => ({
    name: String(index).padStart(5, "0"),
    prediction: { kind: "conic", path: predictions, index },
    truth: { kind: "conic", path: truths, index },
  }));
}

async function picturePairs(
  predictions: string,
  truths: string,
  wanted: Wanted,
  source: (path: string) => LabelSource,
): Promise<FilePair[]> {
  const pairs = pairByName(ofKind(await listImages(predictions), wanted), await listImages(truths));
  return pairs.map(({ name, prediction, truth }) => ({
    name,
    prediction: source(prediction),
    truth: source(truth),
  }));
}

/** How names end of the files of one kind that `predict` writes. */
type Wanted = "mask" | "classes" | "instances";

const written = /^(.*)_(mask|classes|instances|overlay|probability(?:_\d+)?|edge|guidance)$/;

/** Of the files that `predict` writes of an image those that are wanted; files without such company stay. */
function ofKind(paths: readonly string[], wanted: Wanted): string[] {
  const partsOf = (path: string) => written.exec(stemOf(basename(path)));
  const images = new Set(
    paths.map(partsOf).flatMap((parts) => (parts?.[2] === wanted ? [parts[1]] : [])),
  );
  return paths.filter((path) => {
    const parts = partsOf(path);
    return parts === null || parts[2] === wanted || !images.has(parts[1]);
  });
}

/**
 * Pairs paths of predictions and truths by name: without extension, case-insensitively, and without suffixes
 * such as `_mask`, `_segmentation` or `_prediction`.
 *
 * @returns in the order of the truths, each under the truth's file name without extension and suffix
 * @throws {DataError} if a path has no partner, or two have the same name.
 */
export function pairByName(
  predictions: readonly string[],
  truths: readonly string[],
): { name: string; prediction: string; truth: string }[] {
  const predictionOf = byKey(predictions);
  const truthOf = byKey(truths);
  refuseLonely("a prediction", predictions, truthOf, "truth", truths);
  refuseLonely("a truth", truths, predictionOf, "prediction", predictions);
  return truths.map((truth) => {
    const key = keyOf(truth);
    return {
      name: stemOf(basename(truth)).slice(0, key.length),
      prediction: predictionOf.get(key)!,
      truth,
    };
  });
}

const predictionSuffix = /[ _-]+(prediction|predicted|pred|output|result|instance|classe)s?$/;

/** Lower-case name without extension and without what only says what the file is. */
function keyOf(path: string): string {
  const stem = stemOf(basename(path)).toLowerCase().replace(predictionSuffix, "");
  return maskKey(stem + extensionOf(path)).replace(predictionSuffix, "");
}

function byKey(paths: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const other = found.get(keyOf(path));
    if (other !== undefined)
      throw new DataError(
        `${path}: names without extension and suffix must differ, got ${basename(other)} beside it; ` +
          `remove or rename one`,
      );
    found.set(keyOf(path), path);
  }
  return found;
}

function refuseLonely(
  role: string,
  paths: readonly string[],
  partners: ReadonlyMap<string, string>,
  partner: string,
  candidates: readonly string[],
): void {
  const lonely = paths.filter((path) => !partners.has(keyOf(path)));
  if (lonely.length === 0) return;
  const shown = lonely.slice(0, 10).map((path) => basename(path));
  const more = lonely.length > shown.length ? ` and ${lonely.length - shown.length} more` : "";
  throw new DataError(
    `${lonely[0]!}: ${role} must have a ${partner} of the same name, got none among ` +
      `${candidates.length} (such as ${basename(candidates[0]!)}); ${lonely.length} of ${paths.length} ` +
      `without a partner: ${shown.join(", ")}${more}`,
  );
}

/** Finds the image of a pair; none where no images were given. */
export type FindImage = (pair: FilePair) => Promise<RgbImage> | undefined;

/**
 * The images that belong to pairs, found by name among the files of a folder, or by place in an array.
 *
 * @param images  a folder, a single image, or an array (.npy) for pairs of arrays; default: none
 * @throws {DataError} if a pair has no image, two images have one name, or arrays differ in length.
 */
export async function imagesOfPairs(
  pairs: readonly FilePair[],
  images: string | undefined,
): Promise<FindImage> {
  if (images === undefined) return () => undefined;
  if (images.toLowerCase().endsWith(".npy")) {
    const { shape } = await openNpy(images);
    if (shape[0] !== pairs.length)
      throw new DataError(
        `${images}: must hold as many images as there are pairs, ${pairs.length}, got ${shape[0] ?? 0}`,
      );
    return (pair) => readSampleImage({ image: images, index: pairs.indexOf(pair) });
  }
  const found = new Map<string, string>();
  for (const path of await listImages(images)) {
    const other = found.get(imageKey(basename(path)));
    if (other !== undefined)
      throw new DataError(
        `${path}: names without extension must differ, got ${basename(other)} beside it; remove or rename one`,
      );
    found.set(imageKey(basename(path)), path);
  }
  const missing = pairs.filter(({ name }) => !found.has(name.toLowerCase()));
  if (missing.length > 0)
    throw new DataError(
      `${images}: must hold the image of every truth, got none for ${missing.length} of ${pairs.length}, ` +
        `such as ${missing[0]!.name} (${labelsPath(missing[0]!.truth)}); it holds ${found.size} images`,
    );
  return ({ name }) => readSampleImage({ image: found.get(name.toLowerCase())! });
}

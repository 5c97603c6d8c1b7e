/** Predicted and true label files of two folders, or entries of two arrays, in pairs. */
import { basename } from "node:path";
import { listImages } from "../data/openDataset.node.ts";
import { stemOf, type LabelSource } from "../data/dataset.ts";
import { openNpy } from "../data/formats/readNpy.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { pairMasks } from "./pairMasks.node.ts";

export interface LabelPair {
  readonly name: string;
  readonly prediction: LabelSource;
  readonly truth: LabelSource;
}

/** Of masks. @throws {DataError} as `pairMasks`; if a folder is missing or holds no image. */
export const maskPairs = (predictions: string, truths: string): Promise<LabelPair[]> =>
  picturePairs(predictions, truths, "mask", (path) => ({ kind: "mask", path }));

/** Of maps of K classes. @throws {DataError} as `maskPairs` */
export const classPairs = (
  predictions: string,
  truths: string,
  classes: number,
): Promise<LabelPair[]> =>
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
): Promise<LabelPair[]> {
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

async function arrayPairs(predictions: string, truths: string): Promise<LabelPair[]> {
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
): Promise<LabelPair[]> {
  const pairs = pairMasks(ofKind(await listImages(predictions), wanted), await listImages(truths));
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

/** Scores two folders of label maps against each other: instances, or several classes. */

import { listImages } from "../data/openDataset.node.ts";
import type { LabelSource } from "../data/dataset.ts";
import { labelsPath, readLabels } from "../data/readLabels.node.ts";
import { openNpy } from "../data/readNpy.node.ts";
import { resizeLabels } from "../data/resize.ts";
import { scoreClasses, summariseClasses } from "../metrics/scoreClasses.ts";
import type { ClassScores, ClassSummary } from "../metrics/scoreClasses.ts";
import { scoreInstances, type PairInstanceScores } from "../metrics/scoreInstances.ts";
import { summariseInstances, type InstanceSummary } from "../metrics/summariseInstances.ts";
import { ArgumentError, DataError, ShapeError } from "../tensor/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import { pairMasks } from "./pairMasks.node.ts";
import { resizedSpacing, sameSize, type ScoreOptions } from "./scoreFolders.node.ts";
import type { ImageScores } from "./tables.ts";

export interface InstanceFolderScores {
  readonly perImage: readonly ImageScores<PairInstanceScores>[];
  readonly summary: InstanceSummary;
}

export interface ClassFolderScores {
  readonly perImage: readonly ImageScores<ClassScores>[];
  readonly summary: ClassSummary;
}

export interface LabelScoreOptions extends Pick<ScoreOptions, "bootstrap" | "onProgress"> {
  /** K, the number of classes. */
  readonly classes: number;
}

/**
 * Reads, pairs and scores instance maps: pictures of 8 or 16 bits, a grey value an instance, paired as in
 * `scoreFolders`; or two arrays (.npy) in the form of CoNIC's labels, paired by their order.
 *
 * @param options  `countSize`: side of the central square where instances are counted for R2.
 * @throws {DataError} as `scoreFolders`; or if two arrays differ in length.
 * @throws {ArgumentError} if several classes are asked of pictures, which hold none.
 */
export async function scoreInstanceFolders(
  predictions: string,
  truths: string,
  { bootstrap, onProgress, ...options }: LabelScoreOptions & { readonly countSize?: number },
): Promise<InstanceFolderScores> {
  const pairs = await instancePairs(predictions, truths, options.classes);
  const perImage = await scoreEach(pairs, onProgress, (p, t) => scoreInstances(p, t, options));
  const scores = perImage.map((row) => row.scores);
  return { perImage, summary: summariseInstances(scores, bootstrap) };
}

/**
 * Reads, pairs and scores class maps: pictures whose grey value is the class, 0 to K, paired as in
 * `scoreFolders`.
 *
 * @throws {DataError} as `scoreFolders`; or if a value is above K.
 */
export async function scoreClassFolders(
  predictions: string,
  truths: string,
  { bootstrap, onProgress, scoreSize, spacingMm, ...options }: LabelScoreOptions & ScoreOptions,
): Promise<ClassFolderScores> {
  const source = (path: string): LabelSource => ({
    kind: "classMap",
    path,
    classes: options.classes,
  });
  const pairs = await picturePairs(predictions, truths, source);
  const perImage = await scoreEach(pairs, onProgress, (p, t) => {
    const [width, height] = [scoreSize ?? t.width, scoreSize ?? t.height];
    const spacing = spacingMm && resizedSpacing(spacingMm, t, { width, height });
    return scoreClasses(resizeLabels(p, width, height), resizeLabels(t, width, height), {
      ...options,
      ...(spacing && { spacingMm: spacing }),
    });
  });
  const scores = perImage.map((row) => row.scores);
  return { perImage, summary: summariseClasses(scores, bootstrap) };
}

interface LabelPair {
  readonly name: string;
  readonly prediction: LabelSource;
  readonly truth: LabelSource;
}

async function scoreEach<Scores>(
  pairs: readonly LabelPair[],
  onProgress: ScoreOptions["onProgress"],
  scoresOf: (prediction: Labels, truth: Labels) => Scores,
): Promise<ImageScores<Scores>[]> {
  const perImage: ImageScores<Scores>[] = [];
  for (const { name, prediction, truth } of pairs) {
    const [p, t] = await Promise.all([readLabels(prediction), readLabels(truth)]);
    sameSize(labelsPath(prediction), p, labelsPath(truth), t);
    perImage.push({ name, scores: naming(name, prediction, () => scoresOf(p, t)) });
    onProgress?.(perImage.length, pairs.length);
  }
  return perImage;
}

/** What the metrics refuse is a fault of the files here: it is said which. */
function naming<T>(name: string, source: LabelSource, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
    throw new DataError(`${labelsPath(source)}, ${name}: ${error.message}`, { cause: error });
  }
}

async function instancePairs(
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
  return picturePairs(predictions, truths, (path) => ({ kind: "instanceMap", path }));
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
  source: (path: string) => LabelSource,
): Promise<LabelPair[]> {
  const pairs = pairMasks(await listImages(predictions), await listImages(truths));
  return pairs.map(({ name, prediction, truth }) => ({
    name,
    prediction: source(prediction),
    truth: source(truth),
  }));
}

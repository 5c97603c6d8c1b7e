/** Scores two folders of label maps against each other: instances, or several classes. */

import type { LabelSource } from "../data/dataset.ts";
import { labelsPath, readLabelSource } from "../data/labels/readLabelSource.node.ts";
import { resizeLabels } from "../data/images/resize.ts";
import type { SpacingCount } from "../data/images/spacing.ts";
import { scoreClasses, summariseClasses } from "../metrics/scoreClasses.ts";
import type { ClassScores, ClassSummary } from "../metrics/scoreClasses.ts";
import { scoreInstances, type PairInstanceScores } from "../metrics/scoreInstances.ts";
import { scorePair, type PairOptions, type PairScores } from "../metrics/scorePair.ts";
import { summarise } from "../metrics/summarise.ts";
import { summariseInstances, type InstanceSummary } from "../metrics/summariseInstances.ts";
import { ArgumentError, DataError, ShapeError } from "../base/errors.ts";
import { foregroundOf, type Labels } from "../tensor/raster.ts";
import { classPairs, instancePairs, type LabelPair } from "./labelPairs.node.ts";
import {
  resizedSpacing,
  sameSize,
  spacingsOf,
  type FolderScores,
  type ScoreOptions,
} from "./scoreFolders.node.ts";
import type { ImageScores } from "../report/tables.ts";

export interface InstanceFolderScores {
  readonly perImage: readonly ImageScores<PairInstanceScores>[];
  readonly summary: InstanceSummary;
  /** Of all instances joined, as one mask. */
  readonly foreground: FolderScores;
}

export interface ClassFolderScores {
  readonly perImage: readonly ImageScores<ClassScores>[];
  readonly summary: ClassSummary;
  /** Of all classes joined, as one mask. */
  readonly foreground: FolderScores;
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
  {
    bootstrap,
    onProgress,
    classes,
    countSize,
    ...options
  }: LabelScoreOptions & Omit<ScoreOptions, "scoreSize"> & { readonly countSize?: number },
): Promise<InstanceFolderScores> {
  const pairs = await instancePairs(predictions, truths, classes);
  const own = { classes, ...(countSize !== undefined && { countSize }) };
  const { count, spacingOf } = await spacingsOf(truthPaths(pairs), options, truths);
  const seen = { ids: false };
  const { perImage, foreground } = await scoreEach(pairs, onProgress, (p, t, i) => {
    seen.ids ||= [p, t].some(hasIds);
    const spacingMm = spacingOf(i);
    const pairOptions = { ...options, ...(spacingMm && { spacingMm }) };
    return { own: scoreInstances(p, t, own), foreground: foregroundScores(p, t, pairOptions) };
  });
  if (!seen.ids && pairs.some(({ truth }) => truth.kind === "instanceMap"))
    throw new DataError(
      `${truths}: instance maps must number their instances, got 0 and 255 alone in all of ` +
        `${predictions} and ${truths}, which are masks; leave --instances out`,
    );
  const summary = summariseInstances(scoresOf(perImage), bootstrap);
  return { perImage, summary, foreground: summed(foreground, bootstrap, count) };
}

/** Whether a map holds another number than those of a mask, or none at all. */
const hasIds = ({ instances = new Int32Array(0) }: Labels): boolean =>
  instances.some((id) => id !== 0 && id !== 255) || instances.every((id) => id === 0);

/**
 * Reads, pairs and scores class maps: pictures whose grey value is the class, 0 to K, paired as in
 * `scoreFolders`.
 *
 * @throws {DataError} as `scoreFolders`; or if a value is above K.
 */
export async function scoreClassFolders(
  predictions: string,
  truths: string,
  { bootstrap, onProgress, scoreSize, ...options }: LabelScoreOptions & ScoreOptions,
): Promise<ClassFolderScores> {
  const pairs = await classPairs(predictions, truths, options.classes);
  const { count, spacingOf } = await spacingsOf(truthPaths(pairs), options, truths);
  const { perImage, foreground } = await scoreEach(pairs, onProgress, (p, t, i) => {
    const [width, height] = [scoreSize ?? t.width, scoreSize ?? t.height];
    const given = spacingOf(i);
    const spacing = given && resizedSpacing(given, t, { width, height });
    const pairOptions = { ...options, ...(spacing && { spacingMm: spacing }) };
    const [scored, against] = [resizeLabels(p, width, height), resizeLabels(t, width, height)];
    return {
      own: scoreClasses(scored, against, pairOptions),
      foreground: foregroundScores(scored, against, pairOptions),
    };
  });
  const summary = summariseClasses(scoresOf(perImage), bootstrap);
  return { perImage, summary, foreground: summed(foreground, bootstrap, count) };
}

const truthPaths = (pairs: readonly LabelPair[]): string[] =>
  pairs.map(({ truth }) => labelsPath(truth));

const foregroundScores = (p: Labels, t: Labels, options: PairOptions): PairScores =>
  scorePair(foregroundOf(p), foregroundOf(t), options);

const scoresOf = <Scores>(all: readonly ImageScores<Scores>[]): Scores[] =>
  all.map(({ scores }) => scores);

const summed = (
  perImage: readonly ImageScores[],
  bootstrap: ScoreOptions["bootstrap"],
  count: SpacingCount | undefined,
): FolderScores => ({
  perImage,
  summary: summarise(scoresOf(perImage), bootstrap),
  ...(count && { spacing: count }),
});

interface Scored<Scores> {
  readonly perImage: ImageScores<Scores>[];
  readonly foreground: ImageScores[];
}

async function scoreEach<Scores>(
  pairs: readonly LabelPair[],
  onProgress: ScoreOptions["onProgress"],
  score: (
    prediction: Labels,
    truth: Labels,
    index: number,
  ) => { own: Scores; foreground: PairScores },
): Promise<Scored<Scores>> {
  const scored: Scored<Scores> = { perImage: [], foreground: [] };
  for (const [i, { name, prediction, truth }] of pairs.entries()) {
    const [p, t] = await Promise.all([readLabelSource(prediction), readLabelSource(truth)]);
    sameSize(labelsPath(prediction), p, labelsPath(truth), t);
    const { own, foreground } = naming(name, prediction, () => score(p, t, i));
    scored.perImage.push({ name, scores: own });
    scored.foreground.push({ name, scores: foreground });
    onProgress?.(scored.perImage.length, pairs.length);
  }
  return scored;
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

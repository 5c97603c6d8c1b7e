/** The one loop over pairs of predicted and true labels, wherever they come from. */
import type { SpacingSurvey } from "../data/images/spacing.node.ts";
import { distanceUnit, type SpacingCount, type UnitChoice } from "../data/images/spacing.ts";
import { ArgumentError, DataError, ShapeError } from "../base/errors.ts";
import type { BootstrapOptions } from "../metrics/bootstrap.ts";
import type { Spacing } from "../metrics/distanceTransform.ts";
import { scoreClasses, type ClassScores } from "../metrics/scoreClasses.ts";
import { scoreInstances, type PairInstanceScores } from "../metrics/scoreInstances.ts";
import { scorePair, type PairOptions } from "../metrics/scorePair.ts";
import { foregroundOf, type Labels, type RgbImage } from "../tensor/raster.ts";
import { summariseRows, type ImageScores, type Scores } from "./scores.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What was predicted of an image and what is true, of one size: the one that is scored at. */
export interface LabelPair {
  readonly name: string;
  /** Patient or source image, where it is known. */
  readonly group?: string;
  readonly prediction: Labels;
  readonly truth: Labels;
  /** The size that the spacing of the image's pixels belongs to. */
  readonly native: Size;
  /** The file that messages name. */
  readonly path: string;
}

/** A pair as it is drawn: at the truth's own size. */
export interface PairView {
  readonly prediction: Labels;
  readonly truth: Labels;
  /** Absent where none is known. */
  readonly image?: RgbImage;
}

/** Where pairs come from: files of two folders, or a network and labelled images. */
export interface PairSource {
  /** How many pairs there are. */
  readonly count: number;
  /** Begins messages about all of them. */
  readonly where: string;
  /** The size of the pixels in mm as the files tell it, in the order of the pairs. */
  spacings(): Promise<SpacingSurvey>;
  /** The pairs in their order, one at a time. */
  pairs(): AsyncIterable<LabelPair>;
  /** A pair once more, to be drawn. */
  view(name: string): Promise<PairView>;
}

/** By which rules pairs are scored. */
export interface ScoreRules extends PairOptions {
  /** K, the number of classes; from 2 each is scored by itself as well. Default 1. */
  readonly classes?: number;
  /** Score instances as well; both sides must then tell them apart. Default false. */
  readonly instances?: boolean;
  /** Side of the central square where instances are counted for R2; default: the whole image. */
  readonly countSize?: number;
  /** Unit of the distances without `spacingMm`; default `auto`: mm if every file tells the size of its pixels. */
  readonly unit?: UnitChoice;
  /** Of the means' confidence intervals. */
  readonly bootstrap?: Omit<BootstrapOptions, "groups">;
}

/** What watches and ends the scoring. */
export interface ScoreHooks {
  /** Called after each pair. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores pairs one after another: the foreground, each class where there are several, and instances where
 * the rules ask for them. A spacing belongs to the image's own pixels; at another size it becomes that of
 * the resized ones.
 *
 * @throws {DataError} if a pair cannot be read, its labels do not fit the rules, or distances in mm are
 *   asked of images that do not tell the size of their pixels.
 */
export async function scorePairs(
  source: PairSource,
  rules: ScoreRules = {},
  { onProgress, signal }: ScoreHooks = {},
): Promise<Scores> {
  const { classes = 1, instances = false, countSize, bootstrap, unit, ...options } = rules;
  const { count, spacingOf } = await spacingsOf(source, unit, options.spacingMm);
  const ofInstances = { classes, ...(countSize !== undefined && { countSize }) };
  const foreground: ImageScores[] = [];
  const eachClass: ImageScores<ClassScores>[] = [];
  const eachInstance: ImageScores<PairInstanceScores>[] = [];
  signal?.throwIfAborted();
  for await (const { name, group, prediction, truth, native, path } of source.pairs()) {
    const named = { name, ...(group !== undefined && { group }) };
    const own = spacingOf(foreground.length);
    const pairOptions = {
      ...options,
      ...(own && { spacingMm: resizedSpacing(own, native, truth) }),
    };
    naming(path, name, () => {
      const [p, t] = [foregroundOf(prediction), foregroundOf(truth)];
      foreground.push({ ...named, scores: scorePair(p, t, pairOptions) });
      if (classes > 1) {
        const scores = scoreClasses(prediction, truth, { ...pairOptions, classes });
        eachClass.push({ ...named, scores });
      }
      if (instances)
        eachInstance.push({ ...named, scores: scoreInstances(prediction, truth, ofInstances) });
    });
    onProgress?.(foreground.length, source.count);
    // Scoring blocks the process: let timers and Ctrl-C have their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (foreground.length < source.count) signal?.throwIfAborted();
  }
  const rows = {
    perImage: foreground,
    ...(classes > 1 && { classes: eachClass }),
    ...(instances && { instances: eachInstance }),
  };
  return { ...summariseRows(rows, bootstrap), ...(count && { spacing: count }) };
}

/** The spacing of each pair: the one given, or else those of the files where distances are in mm. */
async function spacingsOf(
  source: PairSource,
  unit: UnitChoice = "auto",
  given?: Spacing,
): Promise<{ count?: SpacingCount; spacingOf: (index: number) => Spacing | undefined }> {
  if (given) return { spacingOf: () => given };
  const { spacings, ...count } = await source.spacings();
  if (distanceUnit(count, unit, source.where) === "px")
    return { count, spacingOf: () => undefined };
  return {
    count,
    spacingOf(index) {
      const [y, x] = spacings[index] ?? [];
      return y === undefined || x === undefined ? undefined : { y, x };
    },
  };
}

/** The size of a pixel after the image was resized. */
const resizedSpacing = (spacing: Spacing, from: Size, to: Size): Spacing => ({
  y: (spacing.y * from.height) / to.height,
  x: (spacing.x * from.width) / to.width,
});

/** What the metrics refuse is a fault of the files here: it is said which. */
function naming(path: string, name: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
    throw new DataError(`${path}, ${name}: ${error.message}`, { cause: error });
  }
}

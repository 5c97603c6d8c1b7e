/** Several classes scored one by one, each as a mask of its own, and averaged. */

import { ArgumentError, ShapeError } from "../base/errors.ts";
import { classMask, type Labels } from "../tensor/raster.ts";
import type { BootstrapOptions } from "./bootstrap.ts";
import { metricNames, metricTable, type MetricName } from "./metricTable.ts";
import { scorePair, type PairOptions, type PairScores } from "./scorePair.ts";
import { statistics } from "./statistics.ts";
import { pooledNames, summarise, type PooledName, type Summary } from "./summarise.ts";

export interface ClassScores {
  /** Of class 1 to K: its pixels against all others. */
  readonly perClass: readonly PairScores[];
  /**
   * Mean over the classes that the image holds, by the truth or the prediction: what was missed or made up
   * counts 0. Distances over those that both hold. NaN where there is none.
   */
  readonly held: Readonly<Record<MetricName, number>>;
  /**
   * Mean over all classes, also those that are absent on both sides, which count as 1 and as a distance of 0;
   * classes that the policy `skip` excludes are left out of the distances.
   */
  readonly mean: Readonly<Record<MetricName, number>>;
}

export interface ClassOptions extends PairOptions {
  /** K, the number of classes without the background. */
  readonly classes: number;
}

/**
 * Scores the classes of one pair: every metric of `metricTable` for each of them. A class that is absent
 * on both sides scores as a pair of empty masks does: overlaps 1, distances 0.
 *
 * @param prediction  labels of the truth's size.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if a class is above K, or an option is unusable.
 */
export function scoreClasses(
  prediction: Labels,
  truth: Labels,
  { classes, ...options }: ClassOptions,
): ClassScores {
  if (!Number.isInteger(classes) || classes < 1 || classes > 255)
    throw new ArgumentError(
      `metrics: number of classes must be a whole number from 1 to 255, got ${classes}`,
    );
  checkClasses("prediction", prediction, classes);
  checkClasses("truth", truth, classes);
  const perClass = Array.from({ length: classes }, (_, k) =>
    scorePair(classMask(prediction, k + 1), classMask(truth, k + 1), options),
  );
  return {
    perClass,
    held: heldMeans(perClass),
    mean: meansOf(summarise(perClass, { resamples: 1 })),
  };
}

/** `held` of the classes of one image. */
export const heldMeans = (perClass: readonly PairScores[]): ClassScores["held"] =>
  recordOf((name) => meanOfHeld(perClass, name));

function meanOfHeld(perClass: readonly PairScores[], name: MetricName): number {
  const counts =
    metricTable[name].kind === "distance"
      ? (score: PairScores) => !score.truthEmpty && !score.predictionEmpty
      : (score: PairScores) => !(score.truthEmpty && score.predictionEmpty);
  return statistics(perClass.filter(counts).map((score) => score[name])).mean;
}

export interface ClassSummary {
  /** Images scored. */
  readonly images: number;
  /** Of class 1 to K, each over all images. */
  readonly perClass: readonly Summary[];
  /** Classes that a truth holds: only they are in the means of `present`. */
  readonly classesPresent: number;
  /** The headline: the mean over these classes of each one's mean over the images that have it. */
  readonly present: Readonly<Record<MetricName, number>>;
  /** The mean over classes of each one's value over all pixels; classes without any pixel are left out. */
  readonly micro: Readonly<Record<PooledName, number>>;
  /**
   * The mean over all classes of each one's mean over all images, where absent on both sides counts as 1 and
   * as a distance of 0; NaN if that of a class is.
   */
  readonly mean: Readonly<Record<MetricName, number>>;
}

/**
 * Sums up scores of several classes: each class over the images, and the mean of the classes.
 *
 * @param scores   all of one number of classes; may be empty.
 * @param options  of the means' confidence intervals.
 * @throws {ArgumentError} if scores of several numbers of classes, units or policies are mixed.
 */
export function summariseClasses(
  scores: readonly ClassScores[],
  options: BootstrapOptions = {},
): ClassSummary {
  const classes = scores[0]?.perClass.length ?? 0;
  const odd = scores.findIndex(({ perClass }) => perClass.length !== classes);
  if (odd >= 0)
    throw new ArgumentError(
      `summarise: all scores must have one number of classes, got ${classes} first and ` +
        `${scores[odd]!.perClass.length} at index ${odd}; score all pairs with the same options`,
    );
  const perClass = Array.from({ length: classes }, (_, k) =>
    summarise(
      scores.map((score) => score.perClass[k]!),
      options,
    ),
  );
  const meanOf = (name: MetricName) =>
    perClass.reduce((sum, { metrics }) => sum + metrics[name].mean, 0) / classes;
  const present = perClass.filter(({ images, emptyTruths }) => images > emptyTruths);
  // A class that no prediction ever met has no measured distance: the others make the mean.
  const presentMean = (name: MetricName) =>
    meanOfKnown(present.map((own) => own.present[name].mean));
  return {
    images: scores.length,
    perClass,
    classesPresent: present.length,
    present: recordOf(presentMean),
    micro: Object.fromEntries(
      pooledNames.map((name) => [name, meanOfKnown(perClass.map(({ micro }) => micro[name]))]),
    ) as Record<PooledName, number>,
    mean: recordOf((name) => meanOf(name)),
  };
}

/** The mean of those that are numbers; NaN of none. */
const meanOfKnown = (values: readonly number[]): number =>
  statistics(values.filter((value) => !Number.isNaN(value))).mean;

const meansOf = ({ metrics }: Summary) => recordOf((name) => metrics[name].mean);

const recordOf = (valueOf: (name: MetricName) => number) =>
  Object.fromEntries(metricNames.map((name) => [name, valueOf(name)])) as Record<
    MetricName,
    number
  >;

function checkClasses(role: string, { width, height, classes }: Labels, most: number): void {
  if (classes.length !== width * height)
    throw new ShapeError(
      `metrics: ${role} of ${width} x ${height} must hold ${width * height} values, got ${classes.length}`,
    );
  const at = classes.findIndex((value) => value > most);
  if (at >= 0)
    throw new ArgumentError(
      `metrics: classes of the ${role} must be at most ${most}, got ${classes[at]!} ` +
        `at row ${Math.floor(at / width)}, column ${at % width}`,
    );
}

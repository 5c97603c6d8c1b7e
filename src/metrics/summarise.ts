/** A set of scored pairs in a few numbers a metric. */

import { ArgumentError } from "../base/errors.ts";
import { bootstrapDefaults, type Bootstrap, type BootstrapOptions } from "./bootstrap.ts";
import { poolCounts } from "./countPixels.ts";
import type { EmptyPolicy } from "./emptyPolicy.ts";
import { metricNames, metricTable, type MetricName } from "./metricTable.ts";
import { diceOf, iouOf, miouMacroOf, precisionOf, sensitivityOf } from "./overlap.ts";
import type { PairScores } from "./scorePair.ts";
import { summariseMetrics, type MetricSummary } from "./statistics.ts";
import { defaultNsdTolerance } from "./surfaceMetrics.ts";

/** The metrics that are also taken over the pixels of all images at once. */
export const pooledNames = ["dice", "iou", "sensitivity", "precision", "miouMacro"] as const;
export type PooledName = (typeof pooledNames)[number];

export interface Summary {
  /** Images scored. */
  readonly images: number;
  readonly emptyTruths: number;
  readonly emptyPredictions: number;
  /** Images whose truth has foreground of which nothing was predicted. */
  readonly missed: number;
  /** Images where foreground was predicted and the truth has none. */
  readonly invented: number;
  /** Images left out of the distance metrics by the policy `skip`. */
  readonly excluded: number;
  /** Unit of the distances. */
  readonly unit: "mm" | "px";
  /** What the distances are of images with just one mask empty. */
  readonly emptyPolicy: EmptyPolicy;
  /** Tolerance of the surface Dice, in `unit`. */
  readonly nsdTolerance: number;
  /**
   * The headline: every metric over the images that have foreground. Shares are averaged over those whose
   * truth is not empty, a missed one as 0; distances over those where neither mask is empty, so that each of
   * them was measured. `missed` and `invented` say what is not in the distances.
   */
  readonly present: Readonly<Record<MetricName, MetricSummary>>;
  /**
   * Every metric over all images: one without foreground on both sides counts as 1, and as a distance of 0;
   * with just one mask empty, a distance is what `emptyPolicy` says. Where foreground is rare, these say
   * little: a network that predicts nothing has the share of the images without any.
   */
  readonly metrics: Readonly<Record<MetricName, MetricSummary>>;
  /** Over the pixels of all images at once: large objects weigh more. NaN where there is no foreground at all. */
  readonly micro: Readonly<Record<PooledName, number>>;
  /** How the means' intervals were made. */
  readonly bootstrap: Bootstrap;
}

/**
 * Sums up scores image by image. A NaN score makes its mean NaN; a mean of nothing is NaN, never 0.
 *
 * @param scores   may be empty: all statistics are then NaN and all counts 0.
 * @param options  of the means' confidence intervals.
 * @throws {ArgumentError} if scores of several units, empty policies or tolerances are mixed.
 */
export function summarise(scores: readonly PairScores[], options: BootstrapOptions = {}): Summary {
  const unit = common(scores, "unit of the distances", ({ unit }) => unit) ?? "px";
  const emptyPolicy = common(scores, "empty policy", (score) => score.emptyPolicy) ?? "diagonal";
  const nsdTolerance = common(scores, "tolerance of the surface Dice", (s) => s.nsdTolerance);
  const count = (holds: (score: PairScores) => boolean) => scores.filter(holds).length;
  const all = columnsOf(scores, (score, distance) => !(distance && score.distancesExcluded));
  const present = columnsOf(
    scores,
    (score, distance) => !score.truthEmpty && !(distance && score.predictionEmpty),
  );
  return {
    images: scores.length,
    emptyTruths: count((score) => score.truthEmpty),
    emptyPredictions: count((score) => score.predictionEmpty),
    missed: count((score) => score.predictionEmpty && !score.truthEmpty),
    invented: count((score) => score.truthEmpty && !score.predictionEmpty),
    excluded: count((score) => score.distancesExcluded),
    unit,
    emptyPolicy,
    nsdTolerance: nsdTolerance ?? defaultNsdTolerance,
    present: summariseMetrics(present, options),
    metrics: summariseMetrics(all, options),
    micro: microOf(scores),
    bootstrap: bootstrapDefaults(options),
  };
}

/** The value that all scores share, undefined without scores. */
function common<T extends string | number>(
  scores: readonly PairScores[],
  what: string,
  valueOf: (score: PairScores) => T,
): T | undefined {
  const values = scores.map(valueOf);
  const at = values.findIndex((value) => value !== values[0]);
  if (at >= 0)
    throw new ArgumentError(
      `summarise: all scores must have one ${what}, got ${values[0]!} first and ${values[at]!} ` +
        `at index ${at}; score all pairs with the same options`,
    );
  return values[0];
}

/** The values of each metric, undefined where an image does not count. */
const columnsOf = (
  scores: readonly PairScores[],
  counts: (score: PairScores, distance: boolean) => boolean,
) =>
  Object.fromEntries(
    metricNames.map((name) => {
      const distance = metricTable[name].kind === "distance";
      return [name, scores.map((score) => (counts(score, distance) ? score[name] : undefined))];
    }),
  ) as Record<MetricName, (number | undefined)[]>;

function microOf(scores: readonly PairScores[]): Summary["micro"] {
  const counts = poolCounts(scores.map((score) => score.counts));
  const { truePositives, falsePositives, falseNegatives } = counts;
  if (truePositives + falsePositives + falseNegatives === 0)
    return { dice: NaN, iou: NaN, sensitivity: NaN, precision: NaN, miouMacro: NaN };
  return {
    dice: diceOf(counts),
    iou: iouOf(counts),
    sensitivity: sensitivityOf(counts),
    precision: precisionOf(counts),
    miouMacro: miouMacroOf(counts),
  };
}

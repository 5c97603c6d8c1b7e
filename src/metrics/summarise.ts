/** A set of scored pairs in a few numbers a metric. */

import { ArgumentError } from "../tensor/errors.ts";
import type { PixelCounts } from "./countPixels.ts";
import type { EmptyPolicy } from "./emptyPolicy.ts";
import { metricNames, metricTable, type MetricName } from "./metricTable.ts";
import { diceOf, iouOf } from "./overlap.ts";
import { percentile } from "./percentile.ts";
import type { PairScores } from "./scorePair.ts";

/** Of one metric over images; everything but `count` is NaN if `count` is 0. */
export interface Statistics {
  /** Images that went into it. */
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample, sqrt(sum (x - mean)^2 / (n - 1)); NaN for a single image. */
  readonly std: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Summary {
  /** Images scored. */
  readonly images: number;
  readonly emptyTruths: number;
  readonly emptyPredictions: number;
  /** Images left out of the distance metrics by the policy `skip`. */
  readonly excluded: number;
  /** Unit of the distances. */
  readonly unit: "mm" | "px";
  /** What the distances are of images with just one mask empty. */
  readonly emptyPolicy: EmptyPolicy;
  /** Every metric, averaged over images: the headline numbers. */
  readonly metrics: Readonly<Record<MetricName, Statistics>>;
  /** Over the pixels of all images at once: large objects weigh more. NaN without images. */
  readonly micro: { readonly dice: number; readonly iou: number };
}

/**
 * Sums up scores image by image. A NaN score makes its mean NaN; a mean of nothing is NaN, never 0.
 *
 * @param scores  may be empty: all statistics are then NaN and all counts 0.
 * @throws {ArgumentError} if scores of several units or empty policies are mixed.
 */
export function summarise(scores: readonly PairScores[]): Summary {
  const unit = common(scores, "unit of the distances", ({ unit }) => unit) ?? "px";
  const emptyPolicy = common(scores, "empty policy", (score) => score.emptyPolicy) ?? "diagonal";
  const count = (holds: (score: PairScores) => boolean) => scores.filter(holds).length;
  const metrics = Object.fromEntries(
    metricNames.map((name) => {
      const excludes = metricTable[name].kind === "distance";
      const counted = scores.filter((score) => !(excludes && score.distancesExcluded));
      return [name, statistics(counted.map((score) => score[name]))];
    }),
  ) as Record<MetricName, Statistics>;
  return {
    images: scores.length,
    emptyTruths: count((score) => score.truthEmpty),
    emptyPredictions: count((score) => score.predictionEmpty),
    excluded: count((score) => score.distancesExcluded),
    unit,
    emptyPolicy,
    metrics,
    micro: microOf(scores),
  };
}

/** The value that all scores share, undefined without scores. */
function common<T extends string>(
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

/** Mean, spread and range of some numbers, in float64. */
export function statistics(values: readonly number[]): Statistics {
  const count = values.length;
  if (count === 0 || values.some(Number.isNaN))
    return { count, mean: NaN, std: NaN, median: NaN, min: NaN, max: NaN };
  const mean = values.reduce((total, value) => total + value, 0) / count;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return {
    count,
    mean,
    std: count > 1 ? Math.sqrt(squares / (count - 1)) : NaN,
    median: percentile(Float64Array.from(values), 50),
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

function microOf(scores: readonly PairScores[]): { dice: number; iou: number } {
  if (scores.length === 0) return { dice: NaN, iou: NaN };
  const total = (name: keyof PixelCounts) =>
    scores.reduce((sum, { counts }) => sum + counts[name], 0);
  const counts: PixelCounts = {
    truePositives: total("truePositives"),
    falsePositives: total("falsePositives"),
    falseNegatives: total("falseNegatives"),
    trueNegatives: total("trueNegatives"),
  };
  return { dice: diceOf(counts), iou: iouOf(counts) };
}

/** A set of scored pairs in a few numbers a metric. */

import { ArgumentError } from "../tensor/errors.ts";
import type { PixelCounts } from "./countPixels.ts";
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
  /** Every metric, averaged over images: the headline numbers. */
  readonly metrics: Readonly<Record<MetricName, Statistics>>;
  /** Over the pixels of all images at once: large objects weigh more. NaN without images. */
  readonly micro: { readonly dice: number; readonly iou: number };
}

/**
 * Sums up scores image by image. A NaN score makes its mean NaN; a mean of nothing is NaN, never 0.
 *
 * @param scores  may be empty: all statistics are then NaN and all counts 0.
 * @throws {ArgumentError} if distances in mm and in pixels are mixed.
 */
export function summarise(scores: readonly PairScores[]): Summary {
  const unit = scores[0]?.unit ?? "px";
  const other = scores.findIndex((score) => score.unit !== unit);
  if (other >= 0)
    throw new ArgumentError(
      `summarise: all distances must have one unit, got ${unit} first and ` +
        `${scores[other]!.unit} at index ${other}; give every pair a spacing, or none`,
    );
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
    metrics,
    micro: microOf(scores),
  };
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

/** A set of scored pairs in a few numbers a metric. */

import { ArgumentError } from "../base/errors.ts";
import { bootstrapDefaults, type Bootstrap, type BootstrapOptions } from "./bootstrap.ts";
import type { PixelCounts } from "./countPixels.ts";
import type { EmptyPolicy } from "./emptyPolicy.ts";
import { metricNames, metricTable, type MetricName } from "./metricTable.ts";
import { diceOf, iouOf, miouMacroOf } from "./overlap.ts";
import type { PairScores } from "./scorePair.ts";
import { summariseMetrics, type MetricSummary } from "./statistics.ts";
import { defaultNsdTolerance } from "./surfaceMetrics.ts";

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
  /** Tolerance of the surface Dice, in `unit`. */
  readonly nsdTolerance: number;
  /** Every metric, averaged over images: the headline numbers. */
  readonly metrics: Readonly<Record<MetricName, MetricSummary>>;
  /** Over the pixels of all images at once: large objects weigh more. NaN without images. */
  readonly micro: { readonly dice: number; readonly iou: number; readonly miouMacro: number };
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
  const columns = Object.fromEntries(
    metricNames.map((name) => {
      const excludes = metricTable[name].kind === "distance";
      const counts = (score: PairScores) => !(excludes && score.distancesExcluded);
      return [name, scores.map((score) => (counts(score) ? score[name] : undefined))];
    }),
  ) as Record<MetricName, (number | undefined)[]>;
  return {
    images: scores.length,
    emptyTruths: count((score) => score.truthEmpty),
    emptyPredictions: count((score) => score.predictionEmpty),
    excluded: count((score) => score.distancesExcluded),
    unit,
    emptyPolicy,
    nsdTolerance: nsdTolerance ?? defaultNsdTolerance,
    metrics: summariseMetrics(columns, options),
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

function microOf(scores: readonly PairScores[]): Summary["micro"] {
  if (scores.length === 0) return { dice: NaN, iou: NaN, miouMacro: NaN };
  const total = (name: keyof PixelCounts) =>
    scores.reduce((sum, { counts }) => sum + counts[name], 0);
  const counts: PixelCounts = {
    truePositives: total("truePositives"),
    falsePositives: total("falsePositives"),
    falseNegatives: total("falseNegatives"),
    trueNegatives: total("trueNegatives"),
  };
  return { dice: diceOf(counts), iou: iouOf(counts), miouMacro: miouMacroOf(counts) };
}

/** A set of scored instance maps in a few numbers a metric. */

import { ArgumentError } from "../base/errors.ts";
import { bootstrapDefaults, type Bootstrap, type BootstrapOptions } from "./bootstrap.ts";
import {
  instanceMetricNames,
  instanceMetricTable,
  type InstanceMetricName,
} from "./instanceTable.ts";
import {
  panopticQuality,
  poolDetections,
  type Detections,
  type PanopticQuality,
} from "./panopticQuality.ts";
import { rSquared } from "./rSquared.ts";
import type { InstanceScores, PairInstanceScores } from "./scoreInstances.ts";
import { sizeGroups, type SizeGroup } from "./sizeGroups.ts";
import { summariseMetrics, type MetricSummary } from "./statistics.ts";

/** The instances of all images, of one class or of all. */
export interface InstanceStatistics {
  /** The headline: every metric over the images whose truth has instances. */
  readonly present: Readonly<Record<InstanceMetricName, MetricSummary>>;
  /**
   * Every metric over all images; those without instances on both sides are left out of PQ, DQ and SQ, and
   * count as 1 in AJI and AJI+.
   */
  readonly metrics: Readonly<Record<InstanceMetricName, MetricSummary>>;
  /** Over the instances of all images at once. NaN where there are none. */
  readonly pooled: PanopticQuality & Detections;
  /** Images without instances on both sides, left out of the means of PQ, DQ and SQ. */
  readonly excluded: number;
  readonly emptyTruths: number;
  readonly emptyPredictions: number;
  /** Numbers of instances. */
  readonly predicted: number;
  readonly actual: number;
}

export interface InstanceSummary extends InstanceStatistics {
  /** Images scored. */
  readonly images: number;
  /** Of class 1 to K. */
  readonly perClass: readonly InstanceStatistics[];
  /** How well small, middle and large ones are found, over all images at once. */
  readonly bySize: readonly SizeGroup[];
  /** The scores of the CoNIC challenge. */
  readonly conic: ConicScores;
  /** How the means' intervals were made. */
  readonly bootstrap: Bootstrap;
}

export interface ConicScores {
  /** mPQ+: the mean of `pqPlus`. */
  readonly mpqPlus: number;
  /** PQ of each class with TP, FP, FN and IoU of all images together, and 1e-6 in the denominators. */
  readonly pqPlus: readonly number[];
  /** The mean of `r2`. */
  readonly meanR2: number;
  /** R2 of the counts of each class over images; NaN for a single image. */
  readonly r2: readonly number[];
}

/**
 * Sums up instance scores image by image, over all classes and for each; a mean of nothing is NaN.
 *
 * @param scores   may be empty: there are then no classes, all statistics are NaN and all counts 0.
 * @param options  of the means' confidence intervals.
 * @throws {ArgumentError} if scores of several numbers of classes are mixed.
 */
export function summariseInstances(
  scores: readonly PairInstanceScores[],
  options: BootstrapOptions = {},
): InstanceSummary {
  const classes = scores[0]?.perClass.length ?? 0;
  const odd = scores.findIndex(({ perClass }) => perClass.length !== classes);
  if (odd >= 0)
    throw new ArgumentError(
      `summarise: all scores must have one number of classes, got ${classes} first and ` +
        `${scores[odd]!.perClass.length} at index ${odd}; score all pairs with the same options`,
    );
  const ofClass = Array.from({ length: classes }, (_, k) =>
    scores.map(({ perClass }) => perClass[k]!),
  );
  return {
    images: scores.length,
    ...statisticsOf(scores, options),
    perClass: ofClass.map((own) => statisticsOf(own, options)),
    bySize: sizeGroups(scores.map(({ areas }) => areas)),
    conic: conicScores(scores),
    bootstrap: bootstrapDefaults(options),
  };
}

/**
 * The scores of the CoNIC challenge: mPQ+ and the multi-class R2 of the counts, see `InstanceOptions` for
 * where instances are counted (224 in the challenge).
 *
 * @param scores  all of one number of classes; without any, everything is NaN or empty.
 * @see Graham et al., CoNIC Challenge (2023)
 */
export function conicScores(scores: readonly PairInstanceScores[]): ConicScores {
  const classes = (scores[0]?.perClass ?? []).map((_, k) => k);
  const pqPlus = classes.map((k) => {
    const pooled = poolDetections(scores.map(({ perClass }) => perClass[k]!.detections));
    return panopticQuality(pooled, 1e-6).pq;
  });
  const r2 = classes.map((k) =>
    rSquared(
      scores.map(({ centralCounts }) => centralCounts.predicted[k]!),
      scores.map(({ centralCounts }) => centralCounts.actual[k]!),
    ),
  );
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return { mpqPlus: mean(pqPlus), pqPlus, meanR2: mean(r2), r2 };
}

function statisticsOf(
  scores: readonly InstanceScores[],
  options: BootstrapOptions,
): InstanceStatistics {
  const columnsOf = (counts: (score: InstanceScores, name: InstanceMetricName) => boolean) =>
    Object.fromEntries(
      instanceMetricNames.map((name) => [
        name,
        scores.map((score) => (counts(score, name) ? score[name] : undefined)),
      ]),
    ) as Record<InstanceMetricName, (number | undefined)[]>;
  const all = columnsOf(
    ({ excluded }, name) => !(instanceMetricTable[name].needsInstances && excluded),
  );
  const pooled = poolDetections(scores.map(({ detections }) => detections));
  const total = (key: "predicted" | "actual") => scores.reduce((sum, score) => sum + score[key], 0);
  return {
    present: summariseMetrics(
      columnsOf(({ actual }) => actual > 0),
      options,
    ),
    metrics: summariseMetrics(all, options),
    pooled: { ...panopticQuality(pooled), ...pooled },
    excluded: scores.filter(({ excluded }) => excluded).length,
    emptyTruths: scores.filter(({ actual }) => actual === 0).length,
    emptyPredictions: scores.filter(({ predicted }) => predicted === 0).length,
    predicted: total("predicted"),
    actual: total("actual"),
  };
}

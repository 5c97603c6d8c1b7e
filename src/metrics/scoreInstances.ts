/** All instance metrics of one prediction against its truth, over all classes and for each. */

import { ArgumentError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import { centralCounts } from "./centralCounts.ts";
import { instanceOverlaps, overlapsOfClass, type InstanceOverlaps } from "./instanceOverlaps.ts";
import {
  instanceMetricNames,
  instanceMetricTable,
  type InstanceMetricName,
} from "./instanceTable.ts";
import { countDetections, matchesOf, type Detections } from "./panopticQuality.ts";
import type { FoundAreas } from "./sizeGroups.ts";

/** The instance metrics of one pair, of one class or of all together. */
export interface InstanceScores extends Readonly<Record<InstanceMetricName, number>> {
  /** Numbers of instances. */
  readonly predicted: number;
  readonly actual: number;
  readonly detections: Detections;
  /** No instances on either side: PQ, DQ and SQ are NaN and stay out of every mean. */
  readonly excluded: boolean;
}

export interface PairInstanceScores extends InstanceScores {
  /** The size that it was taken at. */
  readonly width: number;
  readonly height: number;
  /** Of class 1 to K: only instances of that class on both sides. */
  readonly perClass: readonly InstanceScores[];
  /** All instances, whatever their class, by their size and what became of them. */
  readonly areas: FoundAreas;
  /** Instances of class 1 to K with a pixel in the central part of the image, for R2. */
  readonly centralCounts: {
    readonly predicted: readonly number[];
    readonly actual: readonly number[];
  };
}

export interface InstanceOptions {
  /** K, the number of classes; default 1. */
  readonly classes?: number;
  /** Side of the central square in which instances are counted for R2, pixels; default: the whole image. */
  readonly countSize?: number;
}

/**
 * Scores the instances of one pair: every metric of `instanceMetricTable`. The scores over all instances
 * do not look at classes; those of a class compare its instances alone.
 *
 * @param prediction  labels of the truth's size that tell instances apart; may hold none.
 * @param truth       labels that tell instances apart; may hold none.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if labels do not tell instances apart, hold an unusable id or class, or an
 *   option is unusable.
 */
export function scoreInstances(
  prediction: Labels,
  truth: Labels,
  { classes = 1, countSize }: InstanceOptions = {},
): PairInstanceScores {
  if (!Number.isInteger(classes) || classes < 1 || classes > 255)
    throw new ArgumentError(
      `metrics: number of classes must be a whole number from 1 to 255, got ${classes}`,
    );
  const overlaps = instanceOverlaps(prediction, truth, classes);
  const counted = (labels: Labels, instances: InstanceOverlaps["truths"]) =>
    centralCounts(labels, instances, classes, countSize);
  const all = scoresOf(overlaps);
  return {
    ...all,
    width: truth.width,
    height: truth.height,
    perClass:
      classes === 1
        ? [all]
        : Array.from({ length: classes }, (_, k) => scoresOf(overlapsOfClass(overlaps, k + 1))),
    areas: areasOf(overlaps),
    centralCounts: {
      predicted: counted(prediction, overlaps.predictions),
      actual: counted(truth, overlaps.truths),
    },
  };
}

function areasOf({ predictions, truths, overlaps }: InstanceOverlaps): FoundAreas {
  const matches = matchesOf(overlaps);
  const matched = (of: "prediction" | "truth") => new Set(matches.map((match) => match[of]));
  const areas = (all: InstanceOverlaps["truths"], which: (index: number) => boolean) =>
    all.filter((_, index) => which(index)).map(({ area }) => area);
  const [found, used] = [matched("truth"), matched("prediction")];
  return {
    found: areas(truths, (index) => found.has(index)),
    missed: areas(truths, (index) => !found.has(index)),
    invented: areas(predictions, (index) => !used.has(index)),
  };
}

function scoresOf(overlaps: InstanceOverlaps): InstanceScores {
  const detections = countDetections(overlaps);
  const stages = { overlaps, detections };
  const values = Object.fromEntries(
    instanceMetricNames.map((name) => [name, instanceMetricTable[name].of(stages)]),
  ) as Record<InstanceMetricName, number>;
  const [predicted, actual] = [overlaps.predictions.length, overlaps.truths.length];
  return { ...values, predicted, actual, detections, excluded: predicted + actual === 0 };
}

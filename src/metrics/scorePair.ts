/** All metrics of one prediction against its truth. */

import type { Mask } from "../tensor/raster.ts";
import { bitRows } from "./bitRows.ts";
import { checkMasks } from "./checkMasks.ts";
import { countBitPixels, type PixelCounts } from "./countPixels.ts";
import { checkEmptyPolicy, type EmptyPolicy } from "./emptyPolicy.ts";
import { metricNames, metricTable, type MetricName } from "./metricTable.ts";
import { surfaceDistancesOfBits } from "./surfaceDistances.ts";
import { checkNsdTolerance, defaultNsdTolerance, type DistanceOptions } from "./surfaceMetrics.ts";

/** How a pair is scored. */
export interface PairOptions extends DistanceOptions {
  /** Tolerance of the surface Dice in the distances' unit, mm or pixels; default 1. */
  readonly nsdTolerance?: number;
}

/** The metrics of one pair, and what is needed to read and to sum them up. */
export interface PairScores extends Readonly<Record<MetricName, number>> {
  /** The size that it was taken at. */
  readonly width: number;
  readonly height: number;
  /** Unit of the distances. */
  readonly unit: "mm" | "px";
  readonly counts: PixelCounts;
  readonly predictionEmpty: boolean;
  readonly truthEmpty: boolean;
  /** What the distances are if just one mask is empty. */
  readonly emptyPolicy: EmptyPolicy;
  /** Tolerance of `nsd`, in `unit`. */
  readonly nsdTolerance: number;
  /** Policy `skip` applied: the distances are NaN and stay out of every mean. */
  readonly distancesExcluded: boolean;
}

/**
 * Scores one pair: every metric of `metricTable`, at the masks' own resolution.
 *
 * @param prediction  mask of the truth's size, values 0 and 1; may be empty, see `EmptyPolicy`.
 * @param truth       mask, values 0 and 1; may be empty.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if a value is neither 0 nor 1, or an option is unusable.
 */
export function scorePair(
  prediction: Mask,
  truth: Mask,
  { spacingMm, empty = "diagonal", nsdTolerance = defaultNsdTolerance }: PairOptions = {},
): PairScores {
  checkEmptyPolicy(empty);
  checkNsdTolerance(nsdTolerance);
  checkMasks(prediction, truth);
  const bits = { prediction: bitRows(prediction), truth: bitRows(truth) };
  const counts = countBitPixels(bits.prediction, bits.truth);
  const distances = surfaceDistancesOfBits(bits.prediction, bits.truth, spacingMm);
  const { predictionEmpty, truthEmpty } = distances;
  const stages = { counts, distances, empty, bits, nsdTolerance };
  const values = Object.fromEntries(
    metricNames.map((name) => [name, metricTable[name].of(stages)]),
  ) as Record<MetricName, number>;
  return {
    ...values,
    width: truth.width,
    height: truth.height,
    unit: spacingMm === undefined ? "px" : "mm",
    counts,
    predictionEmpty,
    truthEmpty,
    emptyPolicy: empty,
    nsdTolerance,
    distancesExcluded: empty === "skip" && predictionEmpty !== truthEmpty,
  };
}

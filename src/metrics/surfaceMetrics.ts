/**
 * Distance metrics: each a formula over the border distances of a pair, in mm or pixels.
 *
 * P are the distances from the prediction's border to the truth's, T those of the other direction.
 * The functions ending in `Of` take the distances, so that one `surfaceDistances` serves them all;
 * the others take masks. With an empty mask see `EmptyPolicy`.
 */

import { ArgumentError } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import type { Spacing } from "./distanceTransform.ts";
import { checkEmptyPolicy, emptyDistance, type EmptyPolicy } from "./emptyPolicy.ts";
import { percentile, pooledPercentile } from "./percentile.ts";
import { surfaceDistances, type SurfaceDistances } from "./surfaceDistances.ts";

export interface DistanceOptions {
  /** Size of a pixel in mm; default: distances in pixels. */
  readonly spacingMm?: Spacing;
  /** The distance when exactly one mask is empty; default `diagonal`. */
  readonly empty?: EmptyPolicy;
}

/** Hausdorff distance = max(max P, max T). */
export const hausdorffOf = metric(({ predictionTotals: p, truthTotals: t }) =>
  Math.max(p.maximum, t.maximum),
);

/** HD95 = max(p95 P, p95 T): the larger of the two directed 95th percentiles, linear interpolation. */
export const hd95Of = metric(({ predictionToTruth: p, truthToPrediction: t }) =>
  Math.max(percentile(p, 95), percentile(t, 95)),
);

/** HD95 in MedPy's reading = p95(P and T pooled); a few stray pixels hardly move it. */
export const hd95PooledOf = metric(({ predictionToTruth: p, truthToPrediction: t }) =>
  pooledPercentile(p, t, 95),
);

/** Average symmetric surface distance = mean(P and T pooled). */
export const assdOf = metric(
  ({ predictionToTruth, truthToPrediction, predictionTotals: p, truthTotals: t }) =>
    (p.sum + t.sum) / (predictionToTruth.length + truthToPrediction.length),
);

/** Mean average surface distance = (mean P + mean T) / 2. */
export const masdOf = metric(
  ({ predictionToTruth, truthToPrediction, predictionTotals: p, truthTotals: t }) =>
    (p.sum / predictionToTruth.length + t.sum / truthToPrediction.length) / 2,
);

/** Tolerance of the surface Dice in the distances' unit, mm or pixels, unless told otherwise. */
export const defaultNsdTolerance = 1;

/**
 * Normalised surface Dice = (|P <= tolerance| + |T <= tolerance|) / (|P| + |T|): the share of both borders
 * that lies close to the other.
 *
 * @param tolerance  in the distances' unit, 0 or more; default 1. A distance that exceeds it by rounding
 *   only (1e-9 of it) counts as within.
 * @returns 0 to 1; 1 if both masks are empty, 0 if one is.
 * @throws {ArgumentError} if the tolerance is negative or not finite.
 */
export function nsdOf(distances: SurfaceDistances, tolerance = defaultNsdTolerance): number {
  checkNsdTolerance(tolerance);
  const { predictionToTruth: p, truthToPrediction: t, predictionEmpty, truthEmpty } = distances;
  if (predictionEmpty || truthEmpty) return predictionEmpty === truthEmpty ? 1 : 0;
  return (countWithin(p, tolerance) + countWithin(t, tolerance)) / (p.length + t.length);
}

/** @throws {ArgumentError} if the tolerance is negative or not finite. */
export function checkNsdTolerance(tolerance: number): void {
  if (!(tolerance >= 0 && tolerance < Infinity))
    throw new ArgumentError(
      `metrics: tolerance of the surface Dice must be finite and at least 0, got ${tolerance}`,
    );
}

/** `nsdOf` the border distances of two masks. */
export const nsd = (
  prediction: Mask,
  truth: Mask,
  { spacingMm, tolerance }: { readonly spacingMm?: Spacing; readonly tolerance?: number } = {},
): number => nsdOf(surfaceDistances(prediction, truth, spacingMm), tolerance);

/** `hausdorffOf` the border distances of two masks. */
export const hausdorff = onMasks(hausdorffOf);
/** `hd95Of` the border distances of two masks. */
export const hd95 = onMasks(hd95Of);
/** `hd95PooledOf` the border distances of two masks. */
export const hd95Pooled = onMasks(hd95PooledOf);
/** `assdOf` the border distances of two masks. */
export const assd = onMasks(assdOf);
/** `masdOf` the border distances of two masks. */
export const masd = onMasks(masdOf);

type Formula = (distances: SurfaceDistances) => number;
type DistanceMetric = (distances: SurfaceDistances, empty?: EmptyPolicy) => number;

function metric(formula: Formula): DistanceMetric {
  return (distances, empty = "diagonal") => {
    checkEmptyPolicy(empty);
    return emptyDistance(distances, empty) ?? formula(distances);
  };
}

function onMasks(of: DistanceMetric) {
  return (prediction: Mask, truth: Mask, { spacingMm, empty }: DistanceOptions = {}): number =>
    of(surfaceDistances(prediction, truth, spacingMm), empty);
}

function countWithin(values: Float64Array, tolerance: number): number {
  const limit = tolerance * (1 + 1e-9);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! <= limit) count++;
  return count;
}

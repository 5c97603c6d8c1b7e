/** Aggregated Jaccard index: one IoU over all instances of an image, strays and misses included. */

import { bestAssignment } from "./assignment.ts";
import type { InstanceOverlaps, Overlap } from "./instanceOverlaps.ts";

/**
 * AJI = (sum of |T and P(T)|) / (sum of |T or P(T)| + areas of the predictions that no truth chose), where
 * each truth T chooses the prediction P(T) of the largest IoU (the one of the smaller id in a tie); one
 * prediction may be chosen several times. A truth without an overlapping prediction adds its area below.
 *
 * @returns 0 to 1; 1 if there are no instances at all, 0 if only one side has any.
 * @see Kumar et al., A Dataset and a Technique for Generalized Nuclear Segmentation (2017)
 */
export function ajiOf(instances: InstanceOverlaps): number {
  const best = new Map<number, Overlap>();
  for (const overlap of instances.overlaps) {
    const other = best.get(overlap.truth);
    if (other === undefined || overlap.iou > other.iou) best.set(overlap.truth, overlap);
  }
  return aggregate(instances, [...best.values()]);
}

/**
 * AJI+ = as AJI, but truths and predictions are paired one to one, so that the sum of IoU is largest.
 *
 * @returns as `ajiOf`.
 * @see Graham et al., HoVer-Net (2019)
 */
export const ajiPlusOf = (instances: InstanceOverlaps): number =>
  aggregate(
    instances,
    bestAssignment(
      instances.overlaps.map((overlap) => ({
        ...overlap,
        row: overlap.truth,
        column: overlap.prediction,
        gain: overlap.iou,
      })),
    ),
  );

function aggregate({ predictions, truths }: InstanceOverlaps, pairs: readonly Overlap[]): number {
  if (predictions.length + truths.length === 0) return 1;
  const paired = {
    predictions: new Set(pairs.map(({ prediction }) => prediction)),
    truths: new Set(pairs.map(({ truth }) => truth)),
  };
  let intersection = 0;
  let union = 0;
  for (const pair of pairs) {
    intersection += pair.intersection;
    union += pair.union;
  }
  for (const [i, { area }] of predictions.entries()) if (!paired.predictions.has(i)) union += area;
  for (const [i, { area }] of truths.entries()) if (!paired.truths.has(i)) union += area;
  return intersection / union;
}

/** Panoptic quality: how many instances were found, and how well those were outlined. */

import type { InstanceOverlaps, Overlap } from "./instanceOverlaps.ts";

/** Instances by what was predicted and what is true, and the overlap of those that match. */
export interface Detections {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Sum of the IoU of the matches. */
  readonly iouSum: number;
}

export interface PanopticQuality {
  readonly pq: number;
  readonly dq: number;
  readonly sq: number;
}

/** A prediction and a truth match if their IoU is strictly above 0.5; no instance can match two. */
export const matchesOf = (overlaps: readonly Overlap[]): Overlap[] =>
  overlaps.filter(({ iou }) => iou > 0.5);

export function countDetections({ predictions, truths, overlaps }: InstanceOverlaps): Detections {
  const matches = matchesOf(overlaps);
  return {
    truePositives: matches.length,
    falsePositives: predictions.length - matches.length,
    falseNegatives: truths.length - matches.length,
    iouSum: matches.reduce((sum, { iou }) => sum + iou, 0),
  };
}

/** The detections of several images, or classes, together. */
export const poolDetections = (all: readonly Detections[]): Detections =>
  all.reduce(
    (a, b) => ({
      truePositives: a.truePositives + b.truePositives,
      falsePositives: a.falsePositives + b.falsePositives,
      falseNegatives: a.falseNegatives + b.falseNegatives,
      iouSum: a.iouSum + b.iouSum,
    }),
    { truePositives: 0, falsePositives: 0, falseNegatives: 0, iouSum: 0 },
  );

/**
 * DQ = TP / (TP + FP / 2 + FN / 2), SQ = (sum of IoU over matches) / TP, PQ = DQ SQ.
 *
 * @param epsilon  added to both denominators, as the CoNIC challenge does with 1e-6; default 0.
 * @returns NaN if there are no instances at all and epsilon is 0; all 0 if none match.
 * @see Kirillov et al., Panoptic Segmentation (CVPR 2019)
 */
export function panopticQuality(
  { truePositives: tp, falsePositives, falseNegatives, iouSum }: Detections,
  epsilon = 0,
): PanopticQuality {
  const dq = tp / (tp + 0.5 * falsePositives + 0.5 * falseNegatives + epsilon);
  const sq = tp === 0 && falsePositives + falseNegatives > 0 ? 0 : iouSum / (tp + epsilon);
  return { pq: dq * sq, dq, sq };
}

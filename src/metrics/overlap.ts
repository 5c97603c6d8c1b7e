/**
 * Overlap metrics: shares in 0..1, from the four pixel counts of a pair.
 *
 * A share of nothing (0 / 0) follows one rule: 1 where neither mask has a pixel of that kind, else
 * 0. So Dice and IoU of two empty masks are 1, and all of Dice, IoU, sensitivity and precision are 0
 * if just one mask is empty.
 */

import type { Mask } from "../tensor/raster.ts";
import { countPixels, type PixelCounts } from "./countPixels.ts";

/** Dice = 2 TP / (2 TP + FP + FN); 1 if both masks are empty. */
export const diceOf = ({ truePositives: tp, falsePositives, falseNegatives }: PixelCounts) =>
  share(2 * tp, 2 * tp + falsePositives + falseNegatives, true);

/** IoU = TP / (TP + FP + FN), also called Jaccard; 1 if both masks are empty. */
export const iouOf = ({ truePositives: tp, falsePositives, falseNegatives }: PixelCounts) =>
  share(tp, tp + falsePositives + falseNegatives, true);

/** ISIC's thresholded Jaccard: the IoU, but 0 if it is below 0.65. */
export function thresholdedJaccardOf(counts: PixelCounts): number {
  const value = iouOf(counts);
  return value < 0.65 ? 0 : value;
}

/** Mean of the IoU of the foreground and that of the background, TN / (TN + FP + FN). */
export const miouMacroOf = (counts: PixelCounts) =>
  (iouOf(counts) +
    iouOf({
      ...counts,
      truePositives: counts.trueNegatives,
      trueNegatives: counts.truePositives,
    })) /
  2;

/** Sensitivity = TP / (TP + FN), also called recall; with an empty truth 1 or 0, see above. */
export const sensitivityOf = ({ truePositives: tp, falsePositives, falseNegatives }: PixelCounts) =>
  share(tp, tp + falseNegatives, falsePositives === 0);

/** Specificity = TN / (TN + FP); sensitivity of the background. */
export const specificityOf = ({ trueNegatives: tn, falsePositives, falseNegatives }: PixelCounts) =>
  share(tn, tn + falsePositives, falseNegatives === 0);

/** Precision = TP / (TP + FP); with an empty prediction 1 or 0, see above. */
export const precisionOf = ({ truePositives: tp, falsePositives, falseNegatives }: PixelCounts) =>
  share(tp, tp + falsePositives, falseNegatives === 0);

/** `diceOf` the counts of a pair of masks of one size, values 0 and 1. */
export const dice = (prediction: Mask, truth: Mask) => diceOf(countPixels(prediction, truth));

/** `iouOf` the counts of a pair of masks of one size, values 0 and 1. */
export const iou = (prediction: Mask, truth: Mask) => iouOf(countPixels(prediction, truth));

/** `thresholdedJaccardOf` the counts of a pair of masks of one size, values 0 and 1. */
export const thresholdedJaccard = (prediction: Mask, truth: Mask) =>
  thresholdedJaccardOf(countPixels(prediction, truth));

/** `miouMacroOf` the counts of a pair of masks of one size, values 0 and 1. */
export const miouMacro = (prediction: Mask, truth: Mask) =>
  miouMacroOf(countPixels(prediction, truth));

/** `sensitivityOf` the counts of a pair of masks of one size, values 0 and 1. */
export const sensitivity = (prediction: Mask, truth: Mask) =>
  sensitivityOf(countPixels(prediction, truth));

/** `specificityOf` the counts of a pair of masks of one size, values 0 and 1. */
export const specificity = (prediction: Mask, truth: Mask) =>
  specificityOf(countPixels(prediction, truth));

/** `precisionOf` the counts of a pair of masks of one size, values 0 and 1. */
export const precision = (prediction: Mask, truth: Mask) =>
  precisionOf(countPixels(prediction, truth));

function share(part: number, whole: number, nothingMissed: boolean): number {
  if (whole > 0) return part / whole;
  return nothingMissed ? 1 : 0;
}

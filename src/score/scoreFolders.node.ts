/** Scores two folders of mask files against each other, without a model. */

import { labelsPath } from "../data/labels/readLabelSource.node.ts";
import { readMaskFile } from "../data/labels/labelFiles.node.ts";
import { resizeMask } from "../data/images/resize.ts";
import { surveySpacings } from "../data/images/spacing.node.ts";
import { distanceUnit, type SpacingCount, type UnitChoice } from "../data/images/spacing.ts";
import type { BootstrapOptions } from "../metrics/bootstrap.ts";
import type { Spacing } from "../metrics/distanceTransform.ts";
import { scorePair, type PairOptions } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import { DataError } from "../base/errors.ts";
import { maskPairs } from "./labelPairs.node.ts";
import type { ImageScores } from "../report/tables.ts";

export interface FolderScores {
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
  /** How many true masks tell the size of their pixels in mm; absent if a spacing was given. */
  readonly spacing?: SpacingCount;
}

export interface ScoreOptions extends PairOptions {
  /** Height and width to score at, both masks resized by nearest neighbour; default: the masks' own. */
  readonly scoreSize?: number;
  /** Unit of the distances without `spacingMm`; default `auto`: mm if every true mask tells the size of its pixels. */
  readonly unit?: UnitChoice;
  /** Of the means' confidence intervals. */
  readonly bootstrap?: BootstrapOptions;
  /** Called after each pair, for a progress bar. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads, pairs and scores all masks of two folders, one pair after another.
 *
 * Files are paired by their names without extension, case-insensitively and without suffixes such as
 * `_mask`, `_segmentation` or `_prediction`. At another `scoreSize` a spacing, which belongs to the truth's
 * own pixels, becomes that of the resized ones.
 *
 * @param predictionFolder  masks, or a single mask file.
 * @param truthFolder       masks, or a single mask file.
 * @returns                 scores in the order of the truth's names, each under the truth's stem.
 * @throws {DataError} if a folder is missing or empty, a mask has no partner, two files have one name,
 *   a mask cannot be read, or the two of a pair differ in size (unless they are resized).
 */
export async function scoreFolders(
  predictionFolder: string,
  truthFolder: string,
  { onProgress, scoreSize, bootstrap, ...options }: ScoreOptions = {},
): Promise<FolderScores> {
  const pairs = await maskPairs(predictionFolder, truthFolder);
  const truths = pairs.map(({ truth }) => labelsPath(truth));
  const { count, spacingOf } = await spacingsOf(truths, options, truthFolder);
  const perImage: ImageScores[] = [];
  for (const [i, { name, prediction, truth }] of pairs.entries()) {
    const [ofPrediction, ofTruth] = [labelsPath(prediction), labelsPath(truth)];
    const [p, t] = await Promise.all([readMaskFile(ofPrediction), readMaskFile(ofTruth)]);
    if (scoreSize === undefined) sameSize(ofPrediction, p, ofTruth, t);
    const [width, height] = [scoreSize ?? t.width, scoreSize ?? t.height];
    const own = spacingOf(i);
    const spacing = own && resizedSpacing(own, t, { width, height });
    const [scored, against] = [p, t].map((mask) => resizeMask(mask, width, height));
    perImage.push({
      name,
      scores: scorePair(scored!, against!, { ...options, ...(spacing && { spacingMm: spacing }) }),
    });
    onProgress?.(perImage.length, pairs.length);
  }
  return {
    perImage,
    summary: summarise(
      perImage.map(({ scores }) => scores),
      bootstrap,
    ),
    ...(count && { spacing: count }),
  };
}

/**
 * The spacing of each true mask: the one given, or else those of the files where distances are in mm.
 *
 * @returns also how many files tell theirs, if none was given
 * @throws {DataError} if mm are asked for, and a file does not tell the size of its pixels.
 */
export async function spacingsOf(
  truths: readonly string[],
  given: { readonly spacingMm?: Spacing | undefined; readonly unit?: UnitChoice | undefined },
  where: string,
): Promise<{ count?: SpacingCount; spacingOf: (index: number) => Spacing | undefined }> {
  const { spacingMm, unit = "auto" } = given;
  if (spacingMm) return { spacingOf: () => spacingMm };
  const { spacings, ...count } = await surveySpacings(truths);
  if (distanceUnit(count, unit, where) === "px") return { count, spacingOf: () => undefined };
  return {
    count,
    spacingOf(index) {
      const [y, x] = spacings[index] ?? [];
      return y === undefined || x === undefined ? undefined : { y, x };
    },
  };
}

/** The size of a pixel after the image was resized. */
export const resizedSpacing = (spacing: Spacing, from: Size, to: Size): Spacing => ({
  y: (spacing.y * from.height) / to.height,
  x: (spacing.x * from.width) / to.width,
});

/** @throws {DataError} if a prediction has another size than its truth. */
export function sameSize(prediction: string, p: Size, truth: string, t: Size): void {
  if (p.width !== t.width || p.height !== t.height)
    throw new DataError(
      `${prediction}: must have the size of its truth, ${t.width} x ${t.height} ` +
        `(width x height, ${truth}), got ${p.width} x ${p.height}; save it at native size`,
    );
}

interface Size {
  readonly width: number;
  readonly height: number;
}

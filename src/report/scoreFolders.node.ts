/** Scores two folders of mask files against each other, without a model. */

import { listImages } from "../data/openDataset.node.ts";
import { readMask } from "../data/readMask.node.ts";
import { resizeMask } from "../data/resize.ts";
import type { BootstrapOptions } from "../metrics/bootstrap.ts";
import type { Spacing } from "../metrics/distanceTransform.ts";
import { scorePair, type PairOptions } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import { DataError } from "../tensor/errors.ts";
import { pairMasks } from "./pairMasks.node.ts";
import type { ImageScores } from "./tables.ts";

export interface FolderScores {
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
}

export interface ScoreOptions extends PairOptions {
  /** Height and width to score at, both masks resized by nearest neighbour; default: the masks' own. */
  readonly scoreSize?: number;
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
  { onProgress, scoreSize, bootstrap, spacingMm, ...options }: ScoreOptions = {},
): Promise<FolderScores> {
  const pairs = pairMasks(await listImages(predictionFolder), await listImages(truthFolder));
  const perImage: ImageScores[] = [];
  for (const { name, prediction, truth } of pairs) {
    const [p, t] = await Promise.all([readMask(prediction), readMask(truth)]);
    if (scoreSize === undefined) sameSize(prediction, p, truth, t);
    const [width, height] = [scoreSize ?? t.width, scoreSize ?? t.height];
    const spacing = spacingMm && resizedSpacing(spacingMm, t, { width, height });
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

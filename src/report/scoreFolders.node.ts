/** Scores two folders of mask files against each other, without a model. */

import { basename } from "node:path";
import { extensionOf, maskKey, stemOf } from "../data/dataset.ts";
import { listImages } from "../data/openDataset.node.ts";
import { readMask } from "../data/readMask.node.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import type { DistanceOptions } from "../metrics/surfaceMetrics.ts";
import { DataError } from "../tensor/errors.ts";
import type { ImageScores } from "./tables.ts";

export interface FolderScores {
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
}

export interface ScoreOptions extends DistanceOptions {
  /** Called after each pair, for a progress bar. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads, pairs and scores all masks of two folders, one pair after another.
 *
 * Files are paired by their names without extension, case-insensitively and without suffixes such as
 * `_mask`, `_segmentation` or `_prediction`.
 *
 * @param predictionFolder  masks, or a single mask file.
 * @param truthFolder       masks, or a single mask file.
 * @returns                 scores in the order of the truth's names, each under the truth's stem.
 * @throws {DataError} if a folder is missing or empty, a mask has no partner, two files have one name,
 *   a mask cannot be read, or the two of a pair differ in size.
 */
export async function scoreFolders(
  predictionFolder: string,
  truthFolder: string,
  { onProgress, ...options }: ScoreOptions = {},
): Promise<FolderScores> {
  const pairs = pairMasks(await listImages(predictionFolder), await listImages(truthFolder));
  const perImage: ImageScores[] = [];
  for (const { name, prediction, truth } of pairs) {
    const [p, t] = await Promise.all([readMask(prediction), readMask(truth)]);
    if (p.width !== t.width || p.height !== t.height)
      throw new DataError(
        `${prediction}: must have the size of its truth, ${t.width} x ${t.height} ` +
          `(width x height, ${truth}), got ${p.width} x ${p.height}; save it at native size`,
      );
    perImage.push({ name, scores: scorePair(p, t, options) });
    onProgress?.(perImage.length, pairs.length);
  }
  return { perImage, summary: summarise(perImage.map(({ scores }) => scores)) };
}

export interface MaskPair {
  /** The truth's file name without extension and suffix. */
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
}

/**
 * Pairs paths of predictions and truths by name.
 *
 * @throws {DataError} if a path has no partner, or two have the same name.
 */
export function pairMasks(predictions: readonly string[], truths: readonly string[]): MaskPair[] {
  const predictionOf = byKey(predictions);
  const truthOf = byKey(truths);
  refuseLonely("a prediction", predictions, truthOf, "truth", truths);
  refuseLonely("a truth", truths, predictionOf, "prediction", predictions);
  return truths.map((truth) => {
    const key = keyOf(truth);
    return {
      name: stemOf(basename(truth)).slice(0, key.length),
      prediction: predictionOf.get(key)!,
      truth,
    };
  });
}

const predictionSuffix = /[ _-]+(prediction|predicted|pred|output|result)s?$/;

/** Lower-case name without extension and without what only says what the file is. */
function keyOf(path: string): string {
  const stem = stemOf(basename(path)).toLowerCase().replace(predictionSuffix, "");
  return maskKey(stem + extensionOf(path)).replace(predictionSuffix, "");
}

function byKey(paths: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const other = found.get(keyOf(path));
    if (other !== undefined)
      throw new DataError(
        `${path}: names without extension and suffix must differ, got ${basename(other)} beside it; ` +
          `remove or rename one`,
      );
    found.set(keyOf(path), path);
  }
  return found;
}

function refuseLonely(
  role: string,
  paths: readonly string[],
  partners: ReadonlyMap<string, string>,
  partner: string,
  candidates: readonly string[],
): void {
  const lonely = paths.filter((path) => !partners.has(keyOf(path)));
  if (lonely.length === 0) return;
  const shown = lonely.slice(0, 10).map((path) => basename(path));
  const more = lonely.length > shown.length ? ` and ${lonely.length - shown.length} more` : "";
  throw new DataError(
    `${lonely[0]!}: ${role} must have a ${partner} of the same name, got none among ` +
      `${candidates.length} (such as ${basename(candidates[0]!)}); ${lonely.length} of ${paths.length} ` +
      `without a partner: ${shown.join(", ")}${more}`,
  );
}

/** Finds for each predicted mask its true one, by their names. */

import { basename } from "node:path";
import { extensionOf, maskKey, stemOf } from "../data/dataset.ts";
import { DataError } from "../base/errors.ts";

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

const predictionSuffix = /[ _-]+(prediction|predicted|pred|output|result|instance|classe)s?$/;

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

/** k-fold cross-validation: every sample is tested once, by a network that has not seen it. */
import { ArgumentError, DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { byName } from "../dataset.ts";
import { splitDataset, uniqueNames, type Split } from "./split.ts";
import { isGrouped, largestFirst, unitsOf, type Splittable } from "./splitUnits.ts";

export interface FoldOptions {
  /** At least 2. */
  readonly folds: number;
  /** Draw the folds at random; default false: cut them from the sorted names. */
  readonly shuffle?: boolean;
  /** Of folds and validation samples. */
  readonly seed: number;
  /** Share of the samples outside a fold that validates, in 0..1; default 0. */
  readonly validation?: number;
}

/**
 * The splits of a k-fold cross-validation: in split i, fold i is the test part, and a share of the others
 * validates.
 *
 * Without groups, fold i holds the names from i n / k on, in sorted or shuffled order; the first n mod k
 * folds hold one more (as scikit-learn's `KFold`). With groups, the largest first, each goes to the fold
 * that is the smallest so far (as `GroupKFold`), so that sizes differ by at most one group.
 *
 * @throws {ArgumentError} if `folds` is no whole number of at least 2, or `validation` not in 0..1.
 * @throws {DataError} if there are fewer samples or groups than folds, or names that repeat.
 */
export function splitFolds(samples: readonly Splittable[], options: FoldOptions): Split[] {
  const { folds, shuffle = false, seed, validation = 0 } = options;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new ArgumentError(`folds must be a whole number of at least 2, got ${folds}`);
  }
  uniqueNames(samples);
  const units = unitsOf(samples);
  if (units.length < folds) {
    const noun = isGrouped(samples) ? "groups" : "samples";
    throw new DataError(
      `folds: ${folds} folds must have at least one of the ${noun} each, got ${units.length} ${noun}; lower --folds`,
    );
  }
  const random = shuffle ? Random.of(seed, "folds") : undefined;
  const parts = isGrouped(samples)
    ? groupedFolds(units, folds, random)
    : plainFolds(units.flat(), folds, random);
  return parts.map((names) => {
    const test = new Set(names);
    const rest = samples.filter(({ name }) => !test.has(name));
    const { train, validation: validating } = splitDataset(rest, { validation, seed });
    return { train, validation: validating, test: [...names].sort(byName) };
  });
}

function plainFolds(names: readonly string[], folds: number, random?: Random): string[][] {
  const order = random ? random.shuffled(names) : names;
  const [small, larger] = [Math.floor(names.length / folds), names.length % folds];
  const startOf = (fold: number): number => fold * small + Math.min(fold, larger);
  return Array.from({ length: folds }, (_, i) => order.slice(startOf(i), startOf(i + 1)));
}

function groupedFolds(units: readonly string[][], folds: number, random?: Random): string[][] {
  const parts = Array.from({ length: folds }, (): string[] => []);
  for (const unit of largestFirst(units, random)) {
    parts.reduce((least, part) => (part.length < least.length ? part : least)).push(...unit);
  }
  return parts;
}

/** Splits of a data set by a protocol, each recording how it was made. */
import type { Dataset } from "../data/dataset.ts";
import {
  splitDataset,
  type Split,
  type SplitPool,
  type SplitProtocol,
} from "../data/splits/split.ts";
import { splitFolds } from "../data/splits/splitFolds.ts";
import { groupsOf } from "../data/splits/splitGroups.ts";
import { groupSamples } from "../data/splits/splitGroups.node.ts";
import { poolOf } from "../data/splits/splitPool.ts";
import { splitRatio } from "../data/splits/splitRatio.ts";
import { isGrouped, type Splittable } from "../data/splits/splitUnits.ts";
import { DataError } from "../base/errors.ts";

/** How splits are to be made. */
export interface SplitRule {
  readonly method: SplitProtocol["method"];
  readonly pool: SplitPool;
  readonly seed: number;
  /** As `groupSamples`. */
  readonly group?: string | undefined;
  /** Of the method `folds`. */
  readonly folds?: number;
  readonly shuffle?: boolean;
  /** Of the methods `folds` and `official`: share that validates of what is not test. */
  readonly validation?: number;
  /** Of the method `ratio`. */
  readonly ratio?: readonly number[];
}

/**
 * The splits of a data set: one for each fold, or a single one.
 *
 * The data set's own test part is the test part of the method `official`, and of a ratio of two numbers;
 * folds and ratios of three leave it alone.
 *
 * @throws {ArgumentError} for unusable numbers and patterns.
 * @throws {DataError} if there are too few images or groups, or the data set has no such part.
 */
export async function makeSplits(dataset: Dataset, rule: SplitRule): Promise<Split[]> {
  const { samples, groupedBy } = await groupSamples(poolOf(dataset, rule.pool), rule.group);
  const groups = isGrouped(samples) ? groupsOf(samples) : undefined;
  return splitsOf(dataset, samples, rule).map(({ train, validation, test, protocol }) => ({
    train,
    validation,
    test,
    protocol: { ...protocol, ...(groups && groupedBy !== undefined && { groupedBy }) },
    ...(groups && { groups }),
  }));
}

type Made = Split & { readonly protocol: SplitProtocol };

function splitsOf(dataset: Dataset, samples: readonly Splittable[], rule: SplitRule): Made[] {
  const { method, pool, seed, validation = 0, shuffle = false } = rule;
  const common = { method, pool, officialTest: false, seed };
  if (method === "folds") {
    const folds = rule.folds ?? 5;
    return splitFolds(samples, { folds, shuffle, seed, validation }).map((split, i) => ({
      ...split,
      protocol: { ...common, fold: i + 1, folds, shuffled: shuffle, validation },
    }));
  }
  if (method === "ratio") {
    const ratio = rule.ratio ?? [7, 1, 2];
    const officialTest = ratio.length === 2 && pool !== "all" && dataset.test.length > 0;
    const split = splitRatio(samples, { ratio, seed });
    const test = officialTest ? namesOf(dataset.test) : split.test;
    return [{ ...split, test, protocol: { ...common, officialTest, ratio: [...ratio] } }];
  }
  return [{ ...official(dataset, samples, rule), protocol: officialProtocol(dataset, rule) }];
}

function official(
  { root, validation, test }: Dataset,
  samples: readonly Splittable[],
  rule: SplitRule,
): Split {
  if (test.length === 0 && validation.length === 0) {
    throw new DataError(
      `${root}: --official needs a validation or test part of the data set's own, got neither; give --folds or --ratio`,
    );
  }
  if (validation.length > 0) {
    return { train: namesOf(samples), validation: namesOf(validation), test: namesOf(test) };
  }
  const split = splitDataset(samples, { validation: rule.validation ?? 0, seed: rule.seed });
  return { ...split, test: namesOf(test) };
}

/** A validation part of the data set's own needs no share and no seed. */
const officialProtocol = ({ validation }: Dataset, rule: SplitRule): SplitProtocol => ({
  method: "official",
  pool: "train",
  officialTest: true,
  ...(validation.length === 0 && { validation: rule.validation ?? 0, seed: rule.seed }),
});

const namesOf = (samples: readonly Splittable[]): string[] =>
  samples.map(({ name }) => name).sort();

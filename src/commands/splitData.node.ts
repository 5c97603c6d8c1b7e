/** `sgdc data split`: splits as files, to be given to `train --split` and `evaluate --split`. */
import { join } from "node:path";
import { z } from "zod";
import { findNearDuplicates, acrossParts } from "../data/splits/nearDuplicates.node.ts";
import type { NearDuplicates } from "../data/splits/nearDuplicates.node.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import type { Split, SplitProtocol } from "../data/splits/split.ts";
import { readSplit, writeSplit } from "../data/splits/splitFile.node.ts";
import { samplesOfSplit } from "../data/splits/splitPool.ts";
import { parseRatio } from "../data/splits/splitRatio.ts";
import { ArgumentError } from "../base/errors.ts";
import { makeSplits } from "./makeSplits.node.ts";
import { openingOptions } from "../run/dataOptions.ts";
import { checkOptions, folderOption } from "../base/options.ts";
import { exists } from "../run/runFolder.node.ts";
import { splitOptions } from "./splitOptions.ts";

export const splitDataSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  out: folderOption("folder for the files of the splits"),
  folds: z.int().min(2).optional().describe("number of folds: fold-1.json and so on"),
  ratio: z.string().min(1).optional().describe("training:validation:test at random, as 7:1:2"),
  official: z.boolean().default(false).describe("the data set's own parts"),
  ...splitOptions,
  validation: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("folds, official: share of what is not test that validates"),
  seed: z.int().min(0).default(0).describe("seed of every random choice"),
  ...openingOptions,
  nearDuplicates: z
    .boolean()
    .default(true)
    .describe("look for images that show the same in two parts"),
  overwrite: z.boolean().default(false).describe("replace splits that the folder holds"),
});

export type SplitDataOptions = z.input<typeof splitDataSchema>;

/** A split that was written. */
export interface WrittenSplit {
  readonly file: string;
  readonly protocol: SplitProtocol;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

export interface SplitDataResult {
  readonly data: string;
  readonly splits: readonly WrittenSplit[];
  /** Groups that were kept whole; 0 without groups. */
  readonly groups: number;
  /** Over the parts of the split or, of folds, over the folds; absent if not looked for. */
  readonly nearDuplicates?: NearDuplicates;
}

/**
 * Splits a data set and writes each split as a file of names.
 *
 * @throws {ArgumentError} for unusable options, or files of other splits in the folder.
 * @throws {DataError} as `makeSplits`; for files that cannot be read or written.
 */
export async function splitData(
  options: SplitDataOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<SplitDataResult> {
  const checked = checkOptions(splitDataSchema, options, "options of data split");
  const { path, out, seed, pool, group, shuffle, validation } = checked;
  const method = methodOf(checked);
  const dataset = qualifyNames(await openDataset(path, checked));
  const { folds } = checked;
  const splits = await makeSplits(dataset, {
    ...{ method, pool, seed, group, shuffle, validation },
    ...(folds !== undefined && { folds }),
    ...(checked.ratio !== undefined && { ratio: parseRatio(checked.ratio) }),
  });
  const files = splits.map(({ protocol }) =>
    join(out, protocol?.fold === undefined ? "split.json" : `fold-${protocol.fold}.json`),
  );
  if (!checked.overwrite) await refuseOthers(files, splits);
  for (const [i, split] of splits.entries()) await writeSplit(files[i]!, split);
  const nearDuplicates = checked.nearDuplicates
    ? await findNearDuplicates(partsOf(dataset, splits), {
        ...(onProgress && { onProgress }),
      })
    : undefined;
  return {
    data: path,
    splits: splits.map(({ train, validation, test, protocol }, i) => ({
      file: files[i]!,
      protocol: protocol!,
      train: train.length,
      validation: validation.length,
      test: test.length,
    })),
    groups: new Set(Object.values(splits[0]?.groups ?? {})).size,
    ...(nearDuplicates && {
      nearDuplicates: { ...nearDuplicates, pairs: acrossParts(nearDuplicates) },
    }),
  };
}

function methodOf({
  folds,
  ratio,
  official,
}: z.output<typeof splitDataSchema>): SplitProtocol["method"] {
  const given = [
    ...(folds === undefined ? [] : ["folds" as const]),
    ...(ratio === undefined ? [] : ["ratio" as const]),
    ...(official ? ["official" as const] : []),
  ];
  const [method, ...more] = given;
  if (method !== undefined && more.length === 0) return method;
  throw new ArgumentError(
    `data split: one of --folds, --ratio and --official must be given, got ${given.length === 0 ? "none" : given.map((name) => `--${name}`).join(" and ")}`,
  );
}

/** A file that holds just this split may stay; any other is not replaced unasked. */
async function refuseOthers(files: readonly string[], splits: readonly Split[]): Promise<void> {
  for (const [i, file] of files.entries()) {
    if (!(await exists(file))) continue;
    if (JSON.stringify(await readSplit(file)) === JSON.stringify(splits[i])) continue;
    throw new ArgumentError(
      `${file}: must not hold another split, got one; choose another folder, or replace it with --overwrite`,
    );
  }
}

/** Near-duplicates matter between the parts of a split and, of folds, between any two of them. */
function partsOf(
  dataset: Parameters<typeof samplesOfSplit>[0],
  splits: readonly Split[],
): Parameters<typeof findNearDuplicates>[0] {
  if (splits.length === 1) return samplesOfSplit(dataset, splits[0]!);
  return Object.fromEntries(
    splits.map((split, i) => [`fold ${i + 1}`, samplesOfSplit(dataset, split).test]),
  );
}

/** Scores of two folders of masks, or of label maps, without a model. */
import { z } from "zod";
import { atomicWriteFile } from "../data/files.node.ts";
import { emptyPolicies } from "../metrics/emptyPolicy.ts";
import { scoreFolders, type FolderScores } from "../report/scoreFolders.node.ts";
import {
  scoreClassFolders,
  scoreInstanceFolders,
  type ClassFolderScores,
  type InstanceFolderScores,
} from "../report/scoreLabelFolders.node.ts";
import { toClassCsv, toCsv, toInstanceCsv } from "../report/tables.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { bootstrapOptions } from "./bootstrapOptions.ts";
import { checkOptions, flagOf } from "../train/options.ts";

const millimetres = z.number().positive();

export const scoreSchema = z.strictObject({
  pred: z.string().min(1).describe("folder of predicted masks, or one mask"),
  truth: z.string().min(1).describe("folder of true masks, or one mask"),
  csv: z.string().min(1).optional().describe("file for the scores of every image"),
  spacing: z
    .array(millimetres)
    .length(2)
    .optional()
    .describe("height and width of a pixel in mm, as 0.5,0.5; without it distances are in pixels"),
  empty: z
    .enum(emptyPolicies)
    .optional()
    .describe("distance where one mask is empty (default: diagonal)"),
  nsdTolerance: z
    .number()
    .min(0)
    .optional()
    .describe("tolerance of the surface Dice, in the distances' unit (default: 1)"),
  scoreSize: z
    .int()
    .min(1)
    .optional()
    .describe("height and width to score at, pixels (default: those of each mask)"),
  instances: z
    .boolean()
    .default(false)
    .describe("the files are label maps, a number an instance: PQ, AJI"),
  classes: z
    .int()
    .min(1)
    .max(255)
    .default(1)
    .describe(
      "number of classes; from 2 the files are class maps, or with --instances arrays (.npy)",
    ),
  countSize: z
    .int()
    .min(1)
    .optional()
    .describe("with --instances: side of the central square where R2 counts (default: the image)"),
  ...bootstrapOptions,
});

export type ScoreCommandOptions = z.input<typeof scoreSchema>;

/** Scores of masks, of instances, or of several classes. */
export type ScoreResult =
  | ({ readonly kind: "masks" } & FolderScores)
  | ({ readonly kind: "instances"; readonly classes: number } & InstanceFolderScores)
  | ({ readonly kind: "classes"; readonly classes: number } & ClassFolderScores);

/**
 * Scores predicted masks or label maps against true ones; see `scoreFolders`, `scoreInstanceFolders` and
 * `scoreClassFolders`.
 *
 * @throws {ArgumentError} for unusable options; {DataError} for masks that are missing or unusable.
 */
export async function score(
  options: ScoreCommandOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<ScoreResult> {
  const checked = checkOptions(scoreSchema, options, "options of score");
  const { pred, truth, classes, instances, countSize, csv, resamples, confidence, seed } = checked;
  refuseUnused(checked);
  const common = { bootstrap: { resamples, confidence, seed }, ...(onProgress && { onProgress }) };
  let result: ScoreResult;
  let table: string;
  if (instances) {
    const central = countSize === undefined ? {} : { countSize };
    const scores = await scoreInstanceFolders(pred, truth, { ...common, classes, ...central });
    result = { kind: "instances", classes, ...scores };
    table = toInstanceCsv(scores.perImage);
  } else if (classes > 1) {
    const scores = await scoreClassFolders(pred, truth, { ...common, ...pairs(checked), classes });
    result = { kind: "classes", classes, ...scores };
    table = toClassCsv(scores.perImage);
  } else {
    const scores = await scoreFolders(pred, truth, { ...common, ...pairs(checked) });
    result = { kind: "masks", ...scores };
    table = toCsv(scores.perImage);
  }
  if (csv !== undefined) await atomicWriteFile(csv, table);
  return result;
}

type Checked = z.output<typeof scoreSchema>;

/** What `scorePair` is told. */
function pairs({ spacing, empty, nsdTolerance, scoreSize }: Checked) {
  const [y, x] = spacing ?? [];
  return {
    ...(empty && { empty }),
    ...(nsdTolerance !== undefined && { nsdTolerance }),
    ...(scoreSize !== undefined && { scoreSize }),
    ...(y !== undefined && x !== undefined && { spacingMm: { y, x } }),
  };
}

/** An option that would change nothing is a misunderstanding. */
function refuseUnused(options: Checked): void {
  const unused = options.instances
    ? (["spacing", "empty", "nsdTolerance", "scoreSize"] as const)
    : (["countSize"] as const);
  for (const name of unused)
    if (options[name] !== undefined)
      throw new ArgumentError(
        `${name} (--${flagOf(name)}) must not be given ${options.instances ? "with" : "without"} ` +
          `--instances, got ${JSON.stringify(options[name])}; leave it out`,
      );
}

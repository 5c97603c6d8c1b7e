/** Scores of two folders of masks, or of label maps, without a model. */
import { z } from "zod";
import { atomicWriteFile } from "../base/files.node.ts";
import { unitChoices } from "../data/images/spacing.ts";
import { emptyPolicies } from "../metrics/emptyPolicy.ts";
import { defaultNsdTolerance } from "../metrics/surfaceMetrics.ts";
import type { ReportScores } from "../report/imageColumns.ts";
import { classPairs, instancePairs, maskPairs, type LabelPair } from "../score/labelPairs.node.ts";
import { imagesOfPairs, pairExamples } from "../report/pairExamples.node.ts";
import { scoreFolders, type FolderScores } from "../score/scoreFolders.node.ts";
import {
  scoreClassFolders,
  scoreInstanceFolders,
  type ClassFolderScores,
  type InstanceFolderScores,
} from "../score/scoreLabelFolders.node.ts";
import { toClassCsv, toCsv, toInstanceCsv } from "../report/tables.ts";
import { writeRunReport } from "../report/writeRunReport.node.ts";
import { writeScores } from "../report/writeScores.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { bootstrapOptions } from "./bootstrapOptions.ts";
import { checkOptions, flagOf } from "../base/options.ts";
import { nsdToleranceOption } from "../run/runtimeOptions.ts";

const millimetres = z.number().positive();

export const scoreSchema = z.strictObject({
  pred: z.string().min(1).describe("folder of predicted masks, or one mask"),
  truth: z.string().min(1).describe("folder of true masks, or one mask"),
  out: z.string().min(1).optional().describe("folder for scores.json, scores.csv, report.html"),
  images: z
    .string()
    .min(1)
    .optional()
    .describe("with --out: folder of the images, for the report's pictures (default: masks alone)"),
  examples: z.int().min(0).default(12).describe("worst and best cases shown in the report"),
  csv: z.string().min(1).optional().describe("file for the scores of every image"),
  spacing: z
    .array(millimetres)
    .length(2)
    .optional()
    .describe("height and width of a pixel in mm, as 0.5,0.5 (default: what the true masks tell)"),
  unit: z
    .enum(unitChoices)
    .optional()
    .describe(
      "of distances without --spacing (default: mm if every true mask tells the size of its pixels)",
    ),
  empty: z
    .enum(emptyPolicies)
    .optional()
    .describe("distance where one mask is empty (default: diagonal)"),
  nsdTolerance: nsdToleranceOption
    .optional()
    .describe(`${nsdToleranceOption.description} (default: ${defaultNsdTolerance})`),
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
export type ScoreResult = (
  | ({ readonly kind: "masks" } & FolderScores)
  | ({ readonly kind: "instances"; readonly classes: number } & InstanceFolderScores)
  | ({ readonly kind: "classes"; readonly classes: number } & ClassFolderScores)
) & {
  /** Paths of the files that were written. */
  readonly files: readonly string[];
};

/**
 * Scores predicted masks or label maps against true ones; see `scoreFolders`, `scoreInstanceFolders` and
 * `scoreClassFolders`. With `out` it leaves what an evaluation leaves.
 *
 * @throws {ArgumentError} for unusable options; {DataError} for masks that are missing or unusable.
 */
export async function score(
  options: ScoreCommandOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<ScoreResult> {
  const checked = checkOptions(scoreSchema, options, "options of score");
  const { pred, truth, out, images, csv } = checked;
  refuseUnused(checked);
  if (checked.spacing !== undefined && checked.unit !== undefined)
    throw new ArgumentError(
      `unit (--unit) must not be given with --spacing, got "${checked.unit}"; leave one of them out`,
    );
  const pairs = await pairsOf(checked);
  const findImage = await imagesOfPairs(pairs, images);
  const scores = await scoresOf(checked, onProgress);
  const files: string[] = [];
  if (csv !== undefined) {
    await atomicWriteFile(csv, csvOf(scores));
    files.push(csv);
  }
  if (out === undefined) return { ...scores, files };
  const forReport = reportScores(scores);
  files.push(...(await writeScores(out, scores, forReport)));
  const report = await writeRunReport(out, {
    title: "sgdc score",
    subtitle: `${pred} against ${truth}: ${pairs.length} images`,
    ...(checked.scoreSize !== undefined && { scoreSize: checked.scoreSize }),
    notes:
      images === undefined
        ? ["no images were given (--images): the pictures show the true masks in grey"]
        : [],
    config: checked,
    ...forReport,
    examples: await pairExamples(pairs, forReport, checked.examples, findImage),
  });
  return { ...scores, files: [...files, report] };
}

type Scores = DistributiveOmit<ScoreResult, "files">;
type DistributiveOmit<T, Key extends keyof T> = T extends unknown ? Omit<T, Key> : never;

function pairsOf({ pred, truth, classes, instances }: Checked): Promise<LabelPair[]> {
  if (instances) return instancePairs(pred, truth, classes);
  return classes > 1 ? classPairs(pred, truth, classes) : maskPairs(pred, truth);
}

async function scoresOf(checked: Checked, onProgress: ScoreProgress | undefined): Promise<Scores> {
  const { pred, truth, classes, instances, countSize, resamples, confidence, seed } = checked;
  const common = {
    ...pairOptions(checked),
    bootstrap: { resamples, confidence, seed },
    ...(onProgress && { onProgress }),
  };
  if (instances) {
    const central = countSize === undefined ? {} : { countSize };
    const scores = await scoreInstanceFolders(pred, truth, { ...common, classes, ...central });
    return { kind: "instances", classes, ...scores };
  }
  if (classes > 1) {
    const scores = await scoreClassFolders(pred, truth, { ...common, classes });
    return { kind: "classes", classes, ...scores };
  }
  const scores = await scoreFolders(pred, truth, common).catch((error: unknown) => {
    if (!(error instanceof DataError && error.message.includes("mask must contain only")))
      throw error;
    const hint = "give --instances for label maps, or --classes for maps of several classes";
    throw new DataError(`${error.message}; ${hint}`, { cause: error });
  });
  return { kind: "masks", ...scores };
}

type ScoreProgress = (done: number, total: number) => void;

function csvOf(scores: Scores): string {
  switch (scores.kind) {
    case "masks":
      return toCsv(scores.perImage);
    case "instances":
      return toInstanceCsv(scores.perImage);
    case "classes":
      return toClassCsv(scores.perImage);
  }
}

/** As an evaluation has them: the foreground, with classes or instances beside it. */
export function reportScores(
  scores: Scores,
): Required<Pick<ReportScores, "summary">> & ReportScores {
  switch (scores.kind) {
    case "masks":
      return scores;
    case "instances":
      return { ...scores.foreground, instances: scores };
    case "classes":
      return { ...scores.foreground, classes: scores };
  }
}

type Checked = z.output<typeof scoreSchema>;

/** What `scorePair` is told. */
function pairOptions({ spacing, unit, empty, nsdTolerance, scoreSize }: Checked) {
  const [y, x] = spacing ?? [];
  return {
    ...(empty && { empty }),
    ...(unit && { unit }),
    ...(nsdTolerance !== undefined && { nsdTolerance }),
    ...(scoreSize !== undefined && { scoreSize }),
    ...(y !== undefined && x !== undefined && { spacingMm: { y, x } }),
  };
}

/** An option that would change nothing is a misunderstanding. */
function refuseUnused(options: Checked): void {
  const { instances, out } = options;
  const refuse = (name: "scoreSize" | "countSize" | "images", when: string): void => {
    if (options[name] === undefined) return;
    throw new ArgumentError(
      `${name} (--${flagOf(name)}) must not be given ${when}, got ${JSON.stringify(options[name])}; leave it out`,
    );
  };
  if (instances) refuse("scoreSize", "with --instances");
  else refuse("countSize", "without --instances");
  if (out === undefined) refuse("images", "without --out");
}

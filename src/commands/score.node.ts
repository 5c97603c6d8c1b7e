/** Scores of two folders of masks, or of label maps, without a model. */
import { z } from "zod";
import { counted } from "../base/counted.ts";
import { atomicWriteFile } from "../base/files.node.ts";
import { defaultNsdTolerance } from "../metrics/surfaceMetrics.ts";
import { drawCases } from "../report/drawCases.ts";
import { toClassCsv, toCsv, toInstanceCsv } from "../report/scoreCsv.ts";
import { writeRunReport } from "../report/writeRunReport.node.ts";
import { writeScores } from "../report/writeScores.node.ts";
import { filePairs } from "../score/filePairs.node.ts";
import { classPairs, imagesOfPairs, instancePairs, maskPairs } from "../score/pairFiles.node.ts";
import type { FilePair } from "../score/pairFiles.node.ts";
import { scorePairs, type PairSource } from "../score/scorePairs.ts";
import type { Scores } from "../score/scores.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import {
  bootstrapOptions,
  emptyOption,
  givenSpacing,
  spacingOption,
  unitOption,
} from "./scoreOptions.ts";
import { checkOptions, fileOption, flagOf, folderOption } from "../base/options.ts";
import { nsdToleranceOption } from "../run/runtimeOptions.ts";

export const scoreSchema = z.strictObject({
  pred: folderOption("folder of predicted masks, or one mask"),
  truth: folderOption("folder of true masks, or one mask"),
  out: folderOption("folder for scores.json, scores.csv, report.html").optional(),
  images: folderOption(
    "with --out: folder of the images, for the report's pictures (default: masks alone)",
  ).optional(),
  examples: z.int().min(0).default(12).describe("worst and best cases shown in the report"),
  csv: fileOption("file for the scores of every image").optional(),
  spacing: spacingOption.describe(
    "height and width of a pixel in mm, as 0.5,0.5 (default: what the true masks tell)",
  ),
  unit: unitOption
    .optional()
    .describe(
      "of distances without --spacing (default: mm if every true mask tells the size of its pixels)",
    ),
  empty: emptyOption.default("diagonal"),
  nsdTolerance: nsdToleranceOption
    .optional()
    .describe(`${nsdToleranceOption.description} (default: ${defaultNsdTolerance})`),
  scoreSize: z
    .int()
    .min(1)
    .max(16_384)
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

export interface ScoreResult extends Scores {
  /** Paths of the files that were written. */
  readonly files: readonly string[];
}

/**
 * Scores predicted masks or label maps against true ones: with `instances` maps that number their objects,
 * with several `classes` maps of classes, else masks. With `out` it leaves what an evaluation leaves.
 *
 * @throws {ArgumentError} for unusable options; {DataError} for masks that are missing or unusable.
 */
export async function score(
  options: ScoreCommandOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<ScoreResult> {
  const checked = checkOptions(scoreSchema, options, "options of score");
  const { pred, truth, out, images, csv, scoreSize } = checked;
  refuseUnused(checked);
  const given = givenSpacing(checked);
  const found = await pairsOf(checked);
  const pairs = filePairs(found, {
    predictions: pred,
    truths: truth,
    ...(scoreSize !== undefined && { scoreSize }),
    findImage: await imagesOfPairs(found, images),
  });
  const scores = await scoresOf(pairs, checked, given, onProgress);
  const files: string[] = [];
  if (csv !== undefined) {
    await atomicWriteFile(csv, csvOf(scores));
    files.push(csv);
  }
  if (out === undefined) return { ...scores, files };
  files.push(...(await writeScores(out, scores, scores)));
  const report = await writeRunReport(out, {
    title: "sgdc score",
    subtitle: `${pred} against ${truth}: ${counted(pairs.count, "image")}`,
    ...(scoreSize !== undefined && { scoreSize }),
    notes:
      images === undefined
        ? ["no images were given (--images): the pictures show the true masks in grey"]
        : [],
    config: checked,
    scores,
    examples: await drawCases(pairs, scores, checked.examples),
  });
  return { ...scores, files: [...files, report] };
}

function pairsOf({ pred, truth, classes, instances }: Checked): Promise<FilePair[]> {
  if (instances) return instancePairs(pred, truth, classes);
  return classes > 1 ? classPairs(pred, truth, classes) : maskPairs(pred, truth);
}

async function scoresOf(
  pairs: PairSource,
  checked: Checked,
  given: ReturnType<typeof givenSpacing>,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<Scores> {
  const { classes, instances, countSize, resamples, confidence, seed } = checked;
  const { unit, empty, nsdTolerance } = checked;
  const rules = {
    ...{ ...given, empty, ...(unit && { unit }) },
    ...(nsdTolerance !== undefined && { nsdTolerance }),
    ...{ classes, instances, ...(countSize !== undefined && { countSize }) },
    bootstrap: { resamples, confidence, seed },
  };
  try {
    return await scorePairs(pairs, rules, { onProgress });
  } catch (error) {
    if (!(error instanceof DataError && error.fault === "maskValues")) throw error;
    const hint = "give --instances for label maps, or --classes for maps of several classes";
    throw new DataError(`${error.message}; ${hint}`, { cause: error });
  }
}

/** What is scored is written: instances, else classes, else masks. */
const csvOf = ({ perImage, classes, instances }: Scores): string =>
  instances
    ? toInstanceCsv(instances.perImage)
    : classes
      ? toClassCsv(classes.perImage)
      : toCsv(perImage);

type Checked = z.output<typeof scoreSchema>;

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

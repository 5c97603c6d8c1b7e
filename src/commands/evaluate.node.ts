/** Evaluation of a checkpoint on a data set: scores, tables, report. */
import { z } from "zod";
import { counted } from "../base/counted.ts";
import { defaultNsdTolerance } from "../metrics/surfaceMetrics.ts";
import { knownIfEnough } from "../predict/novelty.ts";
import { doubtLine } from "../report/doubtText.ts";
import { drawCases } from "../report/drawCases.ts";
import { writeRunReport } from "../report/writeRunReport.node.ts";
import { writeScores } from "../report/writeScores.node.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { chooseSamples, chosenOptions, type PartName } from "./chooseSamples.node.ts";
import { seenOf } from "./seenOf.node.ts";
import { separationOf, separationOptions } from "./separationOptions.ts";
import { classCount, predictedPairs } from "../score/predictedPairs.node.ts";
import { createJudge, type JudgedImage } from "../score/judgedPairs.node.ts";
import { scorePairs } from "../score/scorePairs.ts";
import type { Scores } from "../score/scores.ts";
import { seenScores, type SeenScores } from "../score/seenScores.ts";
import { isPlain, openCheckpoint, type OpenedCheckpoint } from "../run/openCheckpoint.node.ts";
import { nameOfRun } from "../run/networkFacts.ts";
import { readWith } from "../run/valueRange.ts";
import { emptyOption, givenSpacing, spacingOption, unitOption } from "./scoreOptions.ts";
import { checkOptions, folderOption } from "../base/options.ts";
import { readLog } from "../run/runFolder.node.ts";
import type { EpochRecord } from "../train/progress.ts";
import {
  checkpointOption,
  deviceOption,
  nsdToleranceOption,
  plainOptions,
  thresholdOption,
  threadsOption,
  ttaOption,
} from "../run/runtimeOptions.ts";

export const evaluateSchema = z.strictObject({
  checkpoint: checkpointOption,
  ...plainOptions,
  ...chosenOptions,
  out: folderOption("folder for scores.json, scores.csv, report.html").optional(),
  tta: ttaOption.default(false),
  threshold: thresholdOption.default(0.5),
  ...separationOptions,
  scoreSize: z
    .int()
    .min(0)
    .max(16_384)
    .default(0)
    .describe("height and width to score at, pixels; 0: those of each image"),
  empty: emptyOption.default("diagonal"),
  spacing: spacingOption.describe(
    "height and width of a pixel in mm, as 0.5,0.5 (default: what the images tell)",
  ),
  unit: unitOption
    .optional()
    .describe(
      "of distances without --spacing (default: auto, mm if every image tells the size of its pixels, else pixels)",
    ),
  nsdTolerance: nsdToleranceOption.default(defaultNsdTolerance),
  examples: z.int().min(0).default(12).describe("worst and best cases shown in the report"),
  nearDuplicates: z
    .boolean()
    .default(false)
    .describe("look for images that show the same as one the network was trained on, too"),
  device: deviceOption.default("auto"),
  threads: threadsOption.default(0),
});

export type EvaluateOptions = z.input<typeof evaluateSchema>;

/** What watches and steers an evaluation. */
export interface EvaluateHooks {
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal;
  /** Default: ONNX Runtime on Node. */
  readonly engine?: Engine;
}

export interface EvaluateResult extends Scores {
  readonly checkpoint: string;
  /** Folder of the data set that the network was trained on; unknown of plain weights. */
  readonly trainedOn?: string;
  /** Which of the images it was trained on or chosen by, and the scores of the others. */
  readonly seen: SeenScores;
  /** What speaks against the prediction of each image, perhaps nothing. */
  readonly judged: readonly JudgedImage[];
  readonly data: string;
  readonly part: PartName;
  /** Names of the classes 1 to K. */
  readonly classNames: readonly string[];
  /** Paths of the files that were written. */
  readonly files: readonly string[];
}

/**
 * Dice, IoU, HD95, ASSD and others of a checkpoint, for each image and over all, at native resolution.
 *
 * @throws {ArgumentError} for unusable options.
 * @throws {DataError} for a checkpoint, image or mask that cannot be read, or a part without images.
 */
export async function evaluate(
  options: EvaluateOptions,
  hooks: EvaluateHooks = {},
): Promise<EvaluateResult> {
  const checked = checkOptions(evaluateSchema, options, "options of evaluate");
  const { out, tta, threshold, scoreSize, empty, nsdTolerance, unit } = checked;
  const { device, threads, examples } = checked;
  const { engine = nodeEngine, signal } = hooks;
  const given = givenSpacing(checked);
  const opened = await openCheckpoint(checked.checkpoint, checked);
  const { part, samples: chosen, data, parts } = await chooseSamples(opened, checked);
  const samples = readWith(opened.facts.input.values, chosen);
  const met = await seenOf(opened, samples, { ...checked, parts, signal });
  const { fit, zoom, instances = false } = opened.config.data;
  const separate = separationOf(checked);
  const predictor = await engine.openPredictor(opened.facts, opened.weights, {
    device,
    threads,
    maps: instances,
  });
  try {
    const judge = createJudge(knownIfEnough(opened.origin?.appearance), opened.facts.input);
    const how = { fit, zoom, instances, separate, tta, threshold, scoreSize, read: judge.read };
    const pairs = predictedPairs(predictor, samples, how);
    const rules = {
      ...{ classes: classCount(predictor), instances, empty, nsdTolerance, ...given },
      ...(unit && { unit }),
    };
    const scores = await scorePairs(judge.watch(pairs), rules, {
      onProgress: (done, total) => hooks.onProgress?.(done, total),
      signal,
    });
    const seen = seenScores(scores, met.images, met.known);
    const { classNames = ["foreground"] } = opened.config.data;
    const trainedOn = isPlain(checked) ? {} : { trainedOn: opened.config.data.path };
    const { file: checkpoint } = opened;
    const { judged } = judge;
    const result = { checkpoint, ...trainedOn, data, part, seen, judged, classNames, ...scores };
    if (out === undefined) return { ...result, files: [] };
    const files = await writeScores(out, result, scores);
    const report = await writeRunReport(out, {
      title: `sgdc evaluation, ${nameOfRun(opened.config)}`,
      subtitle: `${data}, ${part}: ${counted(samples.length, "image")}; trained on ${trainedOn.trainedOn ?? "unknown data"}; checkpoint ${opened.file}`,
      scoreSize,
      notes: [doubtLine(judged, scores)],
      config: { evaluation: checked, run: opened.config },
      history: await historyOf(opened),
      ...(opened.progress.best && { bestEpoch: opened.progress.best.epoch }),
      seen,
      scores: { ...scores, classNames },
      examples: await drawCases(pairs, scores, examples),
    });
    return { ...result, files: [...files, report] };
  } finally {
    await predictor.dispose();
  }
}

/** The whole training: of a run's folder its log, which goes on after the best epoch. */
async function historyOf({ run, progress }: OpenedCheckpoint): Promise<readonly EpochRecord[]> {
  const { history } = progress;
  const log = run && (await readLog(run));
  return log && log.length > history.length ? log : history;
}

/** Cross-validation: a run for each fold, tested on the images it has not seen, and all of them summed up. */
import { resolve } from "node:path";
import {
  acrossParts,
  findNearDuplicates,
  hasFindings,
} from "../data/splits/nearDuplicates.node.ts";
import type { NearDuplicates } from "../data/splits/nearDuplicates.ts";
import type { Sample } from "../data/dataset.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import { surveySpacings } from "../data/images/spacing.node.ts";
import { distanceUnit, type SpacingCount } from "../data/images/spacing.ts";
import { readFolds, writeSplit } from "../data/splits/splitFile.node.ts";
import { samplesOfSplit } from "../data/splits/splitPool.ts";
import { counted } from "../base/counted.ts";
import type { FoldsSummary } from "../score/summariseFolds.ts";
import { ArgumentError } from "../base/errors.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { resolveConfig, type RunConfig, type RunOptions } from "../run/config.ts";
import {
  crossValidationFolder,
  foldFolder,
  readFoldResult,
  readNearDuplicates,
  readState,
  refuseCrossValidation,
  removeCrossValidation,
  writeFoldResult,
  writeNearDuplicates,
  writeState,
  type CrossValidationFolder,
  type CrossValidationState,
  type FoldFolder,
  type FoldResult,
} from "./crossValidateFolder.node.ts";
import {
  crossValidationSchema,
  protocolSchema,
  type CrossValidationRules,
} from "./crossValidateSchema.ts";
import { evaluate } from "./evaluate.node.ts";
import { givenSpacing } from "./scoreOptions.ts";
import { makeSplits } from "./makeSplits.node.ts";
import { checkOptions } from "../base/options.ts";
import { launcherSchema, type LauncherOptions, type Work } from "../cluster/launcherOptions.ts";
import { jobsInMemory, threadsOfJob } from "../cluster/jobsInMemory.node.ts";
import { runLocally } from "../cluster/localJobs.node.ts";
import { runOnSlurm, scriptOf } from "../cluster/slurm.node.ts";
import { refuseRanks } from "../cluster/openRanks.node.ts";
import { checkSamples, requireStartFiles, withAbsolutePaths } from "../run/runData.node.ts";
import { refuseLocked, withFolder } from "../run/folderLock.node.ts";
import { changeOf, exists } from "../run/runFolder.node.ts";
import { resumedConfig, train, type TrainHooks } from "./train.node.ts";
import { writeFoldReports } from "./writeFoldReports.node.ts";

export interface CrossValidateOptions extends Partial<RunOptions> {
  /** Folder for the folds; it must not hold a cross-validation yet, unless `resume` or `overwrite` is set. */
  readonly out: string;
  /** Go on with the cross-validation in `out`; options that are given must then be those of it. */
  readonly resume?: boolean;
  /** Delete the cross-validation that `out` holds. */
  readonly overwrite?: boolean;
  /** Resume although images or labels are not those that a fold has used; they are named. */
  readonly acceptDataChanges?: boolean;
  /** How the folds are made; defaults: 5 contiguous folds. */
  readonly protocol?: Partial<CrossValidationRules["protocol"]>;
  /** How a fold's best checkpoint is tested. */
  readonly evaluation?: Partial<CrossValidationRules["evaluation"]>;
  /** Do this fold alone, from 1. */
  readonly onlyFold?: number | undefined;
  /** Who does the folds; default this process, one after another. */
  readonly launching?: Partial<LauncherOptions> | undefined;
  /** With `launching` by Slurm: give its batch script, and do nothing else. */
  readonly dryRun?: boolean | undefined;
}

/** What watches and steers a cross-validation: the hooks of the runs, and what comes between them. */
export interface CrossValidateHooks extends TrainHooks {
  /** A fold begins, goes on, or was done before. */
  onFold?(event: FoldEvent): void;
  /** A fold's test images are evaluated. */
  onProgress?(done: number, total: number): void;
  /** What a launcher does. */
  onJob?(line: string): void;
}

export interface FoldEvent {
  readonly fold: number;
  readonly folds: number;
  readonly state: "starting" | "resuming" | "done before";
}

export interface CrossValidateResult {
  /** `incomplete`: `onlyFold` is done, others are not, or a launcher has given up some. */
  readonly status: "finished" | "interrupted" | "incomplete" | "planned";
  readonly folder: CrossValidationFolder;
  readonly folds: number;
  /** Numbers of the folds that are done. */
  readonly done: readonly number[];
  /** With `dryRun`: what Slurm would be given. */
  readonly script?: string;
  /** Where all folds are done. */
  readonly summary?: FoldsSummary;
  /** Across folds; absent if not looked for. */
  readonly nearDuplicates?: NearDuplicates;
}

/**
 * Trains and tests a network for every fold, and sums up the scores: per fold, over folds, and over all
 * images pooled. Each fold is a run folder of its own with an evaluation inside.
 *
 * A fold's test part is its share of the images; of the others, `data.validation` validate and choose the
 * best epoch. The data set's own test part is not touched. What is interrupted goes on with `resume`, to
 * the same bits: folds that are done are kept, one under way goes on from its checkpoint.
 *
 * @throws {ArgumentError} for unusable options, a folder in use, or other options than those of a
 *   cross-validation that is resumed.
 * @throws {DataError} for images, masks and files that cannot be read or written, and too few images.
 */
export async function crossValidate(
  options: CrossValidateOptions,
  hooks: CrossValidateHooks = {},
): Promise<CrossValidateResult> {
  refuseRanks("cross-validate");
  const { onlyFold, launching: asked = {}, dryRun = false, ...plain } = options;
  const { out, resume = false, overwrite = false } = plain;
  if (resume && overwrite) {
    throw new ArgumentError("cross-validate: resume and overwrite exclude each other, got both");
  }
  const launching = checkOptions(launcherSchema, asked, "options of cross-validate");
  if (dryRun) return planFolds(plain, launching);
  // A process alone does the folds itself.
  if (onlyFold === undefined && (launching.launcher === "slurm" || (launching.jobs ?? 1) > 1)) {
    return launchFolds(plain, launching, hooks);
  }
  // Several processes may go on with one fold each.
  const part = resume && onlyFold !== undefined ? `fold ${onlyFold}` : undefined;
  const folds = onlyFold === undefined ? undefined : [onlyFold];
  return withFolder(out, () => runFolds(plain, hooks, folds), part);
}

type FoldOptions = Omit<CrossValidateOptions, "onlyFold" | "launching" | "dryRun">;

/** The folds as works of processes of their own; everything they need is made first. */
async function launchFolds(
  options: FoldOptions,
  launching: LauncherOptions,
  hooks: CrossValidateHooks,
): Promise<CrossValidateResult> {
  const { out, acceptDataChanges } = options;
  // Other processes may be at work on a folder that is resumed.
  const common = options.resume ? "launcher" : undefined;
  const begun = await withFolder(out, () => runFolds(options, hooks, []), common);
  const { signal, engine = nodeEngine } = hooks;
  const watch = {
    onJob: (line: string) => hooks.onJob?.(line),
    ...(signal && { signal }),
  };
  const openWorks = (threads: number): Work[] => {
    const runtime = options.runtime?.threads ? options.runtime : { ...options.runtime, threads };
    return worksOf(begun.folds, { ...options, runtime }).filter(
      (__, i) => !begun.done.includes(i + 1),
    );
  };
  let undone: readonly Work[];
  if (launching.launcher === "slurm") {
    const works = openWorks(launching.cores);
    undone = await runOnSlurm(works, "sgdc-folds", out, launching, watch);
  } else {
    const { jobs: asked = 1 } = launching;
    const { config } = await readState(begun.folder);
    const jobs = await jobsInMemory(asked, [config], engine);
    if (jobs < asked)
      hooks.onJob?.(`${jobs} of ${asked} jobs at a time: there is memory for no more`);
    undone = await runLocally(openWorks(threadsOfJob(jobs)), jobs, watch);
  }
  const again = { out, resume: true, ...(acceptDataChanges && { acceptDataChanges }) };
  const result = await withFolder(out, () => runFolds(again, hooks, []), "launcher");
  const interrupted = undone.length > 0 && signal?.aborted;
  return interrupted ? { ...result, status: "interrupted" } : result;
}

/** What Slurm would be given for a new cross-validation. */
async function planFolds(
  { out, protocol }: FoldOptions,
  launching: LauncherOptions,
): Promise<CrossValidateResult> {
  const checked = checkOptions(protocolSchema, protocol ?? {}, "options of cross-validate");
  const folds =
    checked.splits === undefined ? checked.folds : (await readFolds(checked.splits)).length;
  const works = worksOf(folds, { out });
  const script = scriptOf(works, "sgdc-folds", out, launching);
  return { status: "planned", folder: crossValidationFolder(out), folds, done: [], script };
}

const worksOf = (folds: number, { out, acceptDataChanges, runtime, data }: FoldOptions): Work[] =>
  Array.from({ length: folds }, (_, i) => {
    const { run, result } = foldFolder(out, i + 1);
    const flags = {
      threads: runtime?.threads,
      device: runtime?.device,
      workers: data?.workers,
      "checkpoint-minutes": runtime?.checkpointMinutes,
    };
    return {
      name: `fold ${i + 1}`,
      args: [
        ...["cross-validate", "--out", resolve(out), "--resume", "--only-fold", String(i + 1)],
        ...Object.entries(flags).flatMap(([flag, value]) =>
          value === undefined ? [] : [`--${flag}`, String(value)],
        ),
        ...(acceptDataChanges ? ["--accept-data-changes"] : []),
      ],
      isDone: () => exists(result),
      progress: () => changeOf(run.last),
    };
  });

/** @param only  numbers of the folds that are done here; default all */
async function runFolds(
  options: FoldOptions,
  hooks: CrossValidateHooks,
  only?: readonly number[],
): Promise<CrossValidateResult> {
  const { out, resume = false, overwrite = false, ...rest } = options;
  const { acceptDataChanges = false, ...given } = rest;
  const folder = crossValidationFolder(out);
  const begun = resume ? resumedState(await readState(folder), given, out) : undefined;
  const rules = begun ?? (await newRules(given, folder, overwrite));
  const { folds } = rules.protocol;
  for (const fold of only ?? []) {
    if (Number.isInteger(fold) && fold >= 1 && fold <= folds) continue;
    throw new ArgumentError(
      `onlyFold (--only-fold) must be a whole number from 1 to ${folds}, got ${fold}`,
    );
  }
  const state = begun ?? (await begin(rules, folder, overwrite, hooks));
  const nearDuplicates = await readNearDuplicates(folder.nearDuplicates);
  if (nearDuplicates && hasFindings(nearDuplicates)) hooks.onNearDuplicates?.(nearDuplicates);

  const numbers = Array.from({ length: folds }, (_, i) => i + 1);
  let interrupted = false;
  for (const fold of numbers) {
    const files = foldFolder(out, fold);
    const before = await readFoldResult(files.result);
    if (interrupted || (only && !only.includes(fold))) continue;
    if (before) hooks.onFold?.({ fold, folds, state: "done before" });
    else interrupted = !(await runFold(state, fold, files, acceptDataChanges, hooks));
  }
  // Read at the end: other processes may have done other folds meanwhile, and the last one writes the table.
  const results: FoldResult[] = [];
  for (const fold of numbers) {
    const result = await readFoldResult(foldFolder(out, fold).result);
    if (result) results.push(result);
  }
  const common = {
    folder,
    folds,
    done: results.map(({ fold }) => fold),
    ...(nearDuplicates && { nearDuplicates }),
  };
  if (interrupted) return { status: "interrupted", ...common };
  if (results.length < folds) return { status: "incomplete", ...common };
  const summary = await writeFoldReports(folder, state, results, nearDuplicates);
  return { status: "finished", ...common, summary };
}

type RulesAndConfig = Omit<CrossValidationState, "spacing">;
type Given = Pick<CrossValidateOptions, "protocol" | "evaluation"> & Partial<RunOptions>;

async function newRules(
  { protocol, evaluation, ...run }: Given,
  folder: CrossValidationFolder,
  overwrite: boolean,
): Promise<RulesAndConfig> {
  const rules = checkOptions(
    crossValidationSchema,
    { protocol: protocol ?? {}, evaluation: evaluation ?? {} },
    "options of cross-validate",
  );
  givenSpacing(rules.evaluation);
  const config = withAbsolutePaths(resolveConfig(run));
  if (config.data.split !== undefined) {
    throw new ArgumentError(
      `data.split (--split) must be left out of a cross-validation, got ${config.data.split}; give a folder of folds with --splits`,
    );
  }
  if (!overwrite) await refuseCrossValidation(folder);
  await requireStartFiles(config);
  const { splits } = rules.protocol;
  const folds = splits === undefined ? rules.protocol.folds : (await readFolds(splits)).length;
  return { ...rules, protocol: { ...rules.protocol, folds }, config };
}

/** What is given again must be what the cross-validation was started with. */
function resumedState(
  saved: CrossValidationState,
  { protocol, evaluation, ...run }: Given,
  out: string,
): CrossValidationState {
  const changed = [
    ...changes("protocol", saved.protocol, protocol),
    ...changes("evaluation", saved.evaluation, evaluation),
  ];
  if (changed.length > 0) {
    throw new ArgumentError(
      `${out}: a cross-validation must be resumed with its own options, got others:\n  ${changed.join("\n  ")}\nleave these options out, or start a new one in another folder`,
    );
  }
  return { ...saved, config: resumedConfig(saved.config, run, out) };
}

const changes = (section: string, saved: object, given: object = {}): string[] => {
  const before = new Map<string, unknown>(Object.entries(saved));
  const show = (value: unknown): string =>
    value === undefined ? "not set" : JSON.stringify(value);
  return Object.entries(given).flatMap(([key, value]: [string, unknown]) =>
    value === undefined || show(value) === show(before.get(key))
      ? []
      : [`${section}.${key}: ${show(before.get(key))}, now ${show(value)}`],
  );
};

/** Makes and checks everything that the folds need, then marks the folder as a cross-validation. */
async function begin(
  rules: RulesAndConfig,
  folder: CrossValidationFolder,
  overwrite: boolean,
  hooks: CrossValidateHooks,
): Promise<CrossValidationState> {
  const { protocol, config } = rules;
  const { data, training } = config;
  const dataset = qualifyNames(await openDataset(data.path, data));
  const { pool, folds, shuffle, group, splitSeed: seed = training.seed } = protocol;
  const splits =
    protocol.splits === undefined
      ? await makeSplits(dataset, {
          ...{ method: "folds", pool, folds, shuffle, group, seed },
          validation: data.validation,
        })
      : await readFolds(protocol.splits);
  const parts = splits.map((split, i) => samplesOfSplit(dataset, split, `fold ${i + 1}`));
  const all = parts.flatMap(({ test }) => test);
  hooks.onPhase?.(`checking ${counted(all.length, "image")}`);
  await checkSamples(all, data.path, {
    onProgress: (done, total) => hooks.onPhase?.(`checked ${done} of ${total} images`),
    signal: hooks.signal,
  });
  const spacing = await spacingCount(rules.evaluation, all);
  const state = { ...rules, ...(spacing && { spacing }) };
  if (spacing) distanceUnit(spacing, rules.evaluation.unit, data.path);
  const found = protocol.nearDuplicates
    ? await findNearDuplicates(
        Object.fromEntries(parts.map(({ test }, i) => [`fold ${i + 1}`, test])),
        { signal: hooks.signal },
      )
    : undefined;
  if (overwrite) {
    for (let fold = 1; fold <= protocol.folds; fold++) {
      await refuseLocked(foldFolder(folder.path, fold).run.path);
    }
    await removeCrossValidation(folder);
  }
  for (const [i, split] of splits.entries()) {
    await writeSplit(foldFolder(folder.path, i + 1).split, split);
  }
  if (found) {
    await writeNearDuplicates(folder.nearDuplicates, { ...found, pairs: acrossParts(found) });
  }
  await writeState(folder, state);
  return state;
}

/** How many images tell the size of their pixels, unless it is given. */
async function spacingCount(
  { spacing }: CrossValidationRules["evaluation"],
  samples: readonly Sample[],
): Promise<SpacingCount | undefined> {
  if (spacing) return undefined;
  const { images, known } = await surveySpacings(samples.map(({ image }) => image));
  return { images, known };
}

/** Trains and tests one fold, from wherever it stands; false if it was interrupted. */
async function runFold(
  { protocol, evaluation, spacing, config }: CrossValidationState,
  fold: number,
  files: FoldFolder,
  acceptDataChanges: boolean,
  hooks: CrossValidateHooks,
): Promise<boolean> {
  const { signal, engine } = hooks;
  const { run } = files;
  const begun = (await exists(run.last)) || (await exists(run.config));
  hooks.onFold?.({ fold, folds: protocol.folds, state: begun ? "resuming" : "starting" });
  const { device, threads } = config.runtime;
  try {
    const trained = await train(
      {
        ...(begun ? resumedRun(config) : newRun(config, files)),
        out: run.path,
        nearDuplicates: false,
        acceptDataChanges,
      },
      hooks,
    );
    if (trained.status === "interrupted" || signal?.aborted) return false;
    hooks.onPhase?.(`testing fold ${fold}`);
    const { perImage, classes, instances } = await evaluate(
      {
        checkpoint: run.path,
        data: config.data.path,
        split: run.split,
        part: "test",
        out: files.test,
        ...evaluation,
        // One unit in all folds.
        ...(spacing && { unit: distanceUnit(spacing, evaluation.unit, config.data.path) }),
        ...{ device, threads },
      },
      {
        ...(signal && { signal }),
        ...(engine && { engine }),
        onProgress: (done, total) => hooks.onProgress?.(done, total),
      },
    );
    const { best } = trained;
    const result: FoldResult = {
      ...{ fold, status: trained.status, epochs: trained.epochs, ...(best && { best }), perImage },
      ...(classes && { classes: classes.perImage }),
      ...(instances && { instances: instances.perImage }),
    };
    await writeFoldResult(files.result, result);
    return true;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return false;
    throw error;
  }
}

/** Whatever lies in the folder without configuration and checkpoint is nothing to go on from. */
const newRun = (config: RunConfig, { split }: FoldFolder) => ({
  ...config,
  data: { ...config.data, split },
  overwrite: true,
});

/** A run has its configuration with it; only what may change is given again. */
const resumedRun = ({ data, runtime }: RunConfig) => ({
  resume: true,
  data: { path: data.path, ...(data.workers !== undefined && { workers: data.workers }) },
  runtime,
});

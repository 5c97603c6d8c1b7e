/** Training from images to a run folder: data, network, loop, curves and report. */
import { atomicWriteFile } from "../base/files.node.ts";
import { createLoader, type Loader } from "../data/loader/createLoader.node.ts";
import type { Sample } from "../data/dataset.ts";
import type { Size } from "../data/readSample.node.ts";
import {
  acrossParts,
  findNearDuplicates,
  hasFindings,
  type NearDuplicates,
} from "../data/splits/nearDuplicates.node.ts";
import { writeSplit } from "../data/splits/splitFile.node.ts";
import { drawCases } from "../report/drawCases.ts";
import { curvesToPng } from "../report/curvesToPng.node.ts";
import { nearDuplicateLines } from "../report/nearDuplicateLines.ts";
import { plotCurves } from "../report/plotCurves.ts";
import { writeRunReport, type RunReport } from "../report/writeRunReport.node.ts";
import { counted } from "../base/counted.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { pickAugmentOptions } from "../run/augmentOptions.ts";
import {
  differences,
  mergeOptions,
  resolveConfig,
  type RunConfig,
  type RunOptions,
} from "../run/config.ts";
import { nameOfRun, trainingSetup } from "../run/networkFacts.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { classCount, predictedPairs } from "../score/predictedPairs.node.ts";
import { scorePairs } from "../score/scorePairs.ts";
import { fit, type FitResult } from "../train/fit.ts";
import { alone, tell, type Ranks } from "../train/ranks.ts";
import { shareOfBatch } from "../train/trainBatch.ts";
import { openRanks, withRanks } from "../cluster/openRanks.node.ts";
import { microBatchFor, idleRanksLine, threadsOfRank } from "../cluster/shareOfRank.node.ts";
import { nodeClock, openFolderStore, readOnlyStore } from "../run/folderStore.node.ts";
import { fitSettings } from "../run/recipe.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import type { FitEvents, Progress } from "../train/progress.ts";
import { withValueRange } from "../run/measureRange.node.ts";
import { partsReadWith, valueRangeOf } from "../run/valueRange.ts";
import { withFolder, type FolderLock } from "../run/folderLock.node.ts";
import { instanceChoice } from "../run/instanceChoice.node.ts";
import {
  changeLines,
  dataChanges,
  programChanges,
  withFormer,
  type DataIdentity,
  type RunOrigin,
} from "../run/origin.ts";
import { openSavedRun, thisProgram, type SavedRun } from "../run/resume.node.ts";
import { withLabels, type SettledConfig } from "../run/withLabels.ts";
import {
  checkSamples,
  openRunSamples,
  requireStartFiles,
  splitOf,
  withAbsolutePaths,
  type CheckedSample,
  type RunSamples,
} from "../run/runData.node.ts";
import { prepareRunFolder, refuseRun, runFolder, writeConfig } from "../run/runFolder.node.ts";
import type { RunFolder } from "../run/runFolder.node.ts";

export interface TrainOptions extends Partial<RunOptions> {
  /** Folder for the run; it must not hold one yet, unless `resume` or `overwrite` is set. */
  readonly out: string;
  /** Go on with the run in `out`; options that are given must then be those of the run. */
  readonly resume?: boolean;
  /** Delete the run that `out` holds. */
  readonly overwrite?: boolean;
  /** Resume although images or labels are not those that the run has used; they are named. */
  readonly acceptDataChanges?: boolean;
  /** Look for a few seconds for images that show the same in two parts; default true. */
  readonly nearDuplicates?: boolean;
}

/** What watches and steers a run. */
export interface TrainHooks extends FitEvents {
  /** Told what is being done outside the epochs, e.g. `checking 806 images`. */
  onPhase?(what: string): void;
  /** Told if images that show the same are in two parts, or some could not be compared. */
  onNearDuplicates?(found: NearDuplicates): void;
  /** Told what a resumed run does not share with the one that was interrupted. */
  onNotice?(line: string): void;
  /** Ends the run after the step under way, ready to be resumed. */
  readonly signal?: AbortSignal;
  /** Default: ONNX Runtime on Node. */
  readonly engine?: Engine;
  /** The processes that train together; default those that `mpirun` or `srun` has started with this one, else this one alone. */
  readonly ranks?: Ranks;
}

export interface TrainResult {
  /** Of this process, among those that train together; 0 alone. Other ranks have written nothing. */
  readonly rank: number;
  readonly status: FitResult["status"];
  readonly folder: RunFolder;
  readonly config: RunConfig;
  /** Finished epochs. */
  readonly epochs: number;
  /**
   * The best epoch, and its score: the validation's Dice; of instances their PQ; the negative training loss
   * where nothing validates.
   */
  readonly best?: Progress["best"];
}

/**
 * Trains a network and fills a run folder: config.json, split.json, log.jsonl, checkpoints, curves,
 * report.html. See `RunOptions` for all settings; defaults come from the preset.
 *
 * Each epoch uses floor(images / batchSize) full batches in a new random order; what is left over
 * rejoins the next epoch. Fewer images than a batch make one smaller batch.
 *
 * The folder is this process's alone until the end.
 *
 * @throws {ArgumentError} for unusable options, a folder in use, a run of another configuration.
 * @throws {DataError} for images, masks and files that cannot be read or written, a folder that is removed
 *   meanwhile, and data that have changed since a run that is resumed.
 * @throws {NumericError} if the loss is no longer finite; the last good checkpoint is kept.
 */
export async function train(options: TrainOptions, hooks: TrainHooks = {}): Promise<TrainResult> {
  const { out, resume = false, overwrite = false, ...rest } = options;
  const { nearDuplicates = true, acceptDataChanges = false, ...given } = rest;
  if (resume && overwrite) {
    throw new ArgumentError("train: resume and overwrite exclude each other, got both");
  }
  const task = { out, overwrite, nearDuplicates, acceptDataChanges, given };
  if (!resume) resolveConfig(given);
  const ranks = hooks.ranks ?? (await openRanks());
  return withRanks(ranks, async (done) => {
    if (ranks.rank > 0) {
      // Rank 0 holds the folder, and looks first whether it may be used.
      await tell(ranks, null);
      const saved = resume ? await openSavedRun(out) : undefined;
      const { signal, engine } = hooks;
      const quiet = { ...(signal && { signal }), ...(engine && { engine }) };
      return run(task, saved, undefined, quiet, ranks, done);
    }
    return withFolder(out, async (lock) => {
      if (!resume && !overwrite) await refuseRun(out);
      const saved = resume ? await openSavedRun(out) : undefined;
      await tell(ranks, null);
      return run(task, saved, lock, hooks, ranks, done);
    });
  });
}

/** What is to be done, all defaults filled in. */
interface Task {
  readonly out: string;
  readonly overwrite: boolean;
  readonly nearDuplicates: boolean;
  readonly acceptDataChanges: boolean;
  readonly given: Partial<RunOptions>;
}

async function run(
  task: Task,
  saved: SavedRun | undefined,
  lock: FolderLock | undefined,
  hooks: TrainHooks,
  ranks: Ranks,
  done: () => Promise<void>,
): Promise<TrainResult> {
  const { out, overwrite, nearDuplicates } = task;
  const { engine = nodeEngine, signal } = hooks;
  const { config, samples } = await openRun(task, saved, ranks);
  const idle = idleRanksLine(config.training, samples.train.length, ranks);
  if (idle !== undefined) hooks.onNotice?.(idle);
  hooks.onPhase?.("building the network");
  const setup = trainingSetup(saved?.checkpoint ? withoutStart(config) : config);
  const model = await engine.openTrainingModel({
    ...setup,
    threads: threadsOfRank(setup.threads, ranks),
  });
  let loaders: Loaders | undefined;
  try {
    const all = [...samples.train, ...samples.validation];
    hooks.onPhase?.(`checking ${counted(all.length, "image")}`);
    const checked = await checkSamples(all, config.data.path, {
      onProgress: (count, total) => hooks.onPhase?.(`checked ${count} of ${total} images`),
      signal,
      look: config.data,
    });
    const origin = {
      ...originOf(task, saved, config, samples, checked, hooks, ranks),
      appearance: appearanceKept(checked.slice(0, samples.train.length)),
    };
    const first = ranks.rank === 0;
    const duplicates = nearDuplicates && first ? await duplicatesAcross(samples) : undefined;
    if (duplicates && hasFindings(duplicates)) hooks.onNearDuplicates?.(duplicates);

    loaders = openLoaders(config, samples, checked, ranks);
    const folder = saved || !first ? runFolder(out) : await prepareRunFolder(out, overwrite);
    const store = first
      ? await openFolderStore(folder, { config, origin }, lock)
      : readOnlyStore(folder);
    if (first) {
      await writeConfig(folder, config);
      await writeSplit(folder.split, splitOf(samples));
    }
    const result = await fit({
      settings: fitSettings(config),
      model,
      ...loaders,
      choice: choosesByInstances(config, samples, saved)
        ? instanceChoice(engine, config, samples.validation, ranks)
        : undefined,
      store,
      clock: nodeClock,
      resume: saved?.checkpoint,
      signal,
      ranks,
      events: first
        ? {
            onStep: (event) => hooks.onStep?.(event),
            async onEpoch(event) {
              await atomicWriteFile(folder.curvesSvg, plotCurves(event.history));
              await hooks.onEpoch?.(event);
            },
          }
        : {},
    });
    await done();
    const { status, progress } = result;
    if (status !== "interrupted" && first) {
      await model.dispose();
      const notes = duplicates ? nearDuplicateLines(duplicates) : [];
      await finishRun(folder, config, samples, progress, engine, hooks, notes);
    }
    const { best, epoch: epochs } = progress;
    return { rank: ranks.rank, status, folder, config, epochs, ...(best && { best }) };
  } finally {
    await loaders?.training.close();
    await loaders?.validation?.close();
    await model.dispose();
  }
}

/** Configuration and samples of a run: those given, or those saved with what may be given again. */
async function openRun(
  { out, given }: Task,
  saved: SavedRun | undefined,
  ranks: Ranks,
): Promise<{ config: SettledConfig; samples: RunSamples }> {
  const wanted = saved
    ? resumedConfig(saved.config, given, out)
    : withAbsolutePaths(resolveConfig(given));
  if (!saved?.checkpoint) await requireStartFiles(wanted);
  // What is no longer there is named together with what else has changed.
  const lacking = saved?.checkpoint?.origin ? "leave out" : "refuse";
  const samples = await openRunSamples(wanted, saved?.split ?? wanted.data.split, lacking);
  const labelled = withLabels(wanted, samples);
  const config = saved
    ? labelled
    : {
        ...labelled,
        training: microBatchFor(labelled.training, given, samples.train.length, ranks),
      };
  // A run of version 0.1 goes on as it began.
  const told = saved !== undefined || config.data.normalise !== undefined;
  const data = await withValueRange(config.data, samples.train, told);
  return { config: { ...config, data }, samples: partsReadWith(valueRangeOf(data), samples) };
}

/**
 * By what program and on which data the run goes on, for its checkpoints.
 *
 * @throws {DataError} if the data are not those of the checkpoint, and that is not accepted.
 */
function originOf(
  { out, acceptDataChanges }: Task,
  saved: SavedRun | undefined,
  config: SettledConfig,
  samples: RunSamples,
  checked: readonly CheckedSample[],
  hooks: TrainHooks,
  ranks: Ranks,
): RunOrigin {
  const identities = checked.map(({ identity }) => identity);
  const data: DataIdentity = {
    split: splitOf(samples),
    train: identities.slice(0, samples.train.length),
    validation: identities.slice(samples.train.length),
    others: [...(samples.others ?? [])],
  };
  const program = thisProgram({ threads: threadsOfRank(config.runtime.threads, ranks) });
  const before = saved?.checkpoint?.origin;
  if (!saved?.checkpoint) return { program, data };
  if (!before) {
    hooks.onNotice?.(
      "the checkpoint is of version 0.1, which does not tell its data: they are taken as they are; bits may differ from those of an uninterrupted run",
    );
    return { program, data };
  }
  const changes = changeLines(dataChanges(before.data, data));
  if (changes.length > 0) {
    const listed = changes.map((line) => `\n  ${line}`).join("");
    if (!acceptDataChanges) {
      throw new DataError(
        `${out}: data must be those that the run has used, got others in ${config.data.path}:${listed}\nput them back, or go on all the same with --accept-data-changes: added images are then left out, removed ones missed`,
      );
    }
    hooks.onNotice?.(`going on with changed data:${listed}`);
  }
  const other = programChanges(before.program, program);
  if (other.length > 0) {
    hooks.onNotice?.(`bits may differ from those of an uninterrupted run: ${other.join("; ")}`);
  }
  return { program, data: withFormer(before.data, data) };
}

/** Training images whose appearance a checkpoint keeps, evenly spread: some 35 kB. */
const mostAppearances = 500;

function appearanceKept(checked: readonly CheckedSample[]): number[][] {
  const step = Math.max(1, checked.length / mostAppearances);
  const count = Math.min(checked.length, mostAppearances);
  return Array.from({ length: count }, (_, i) => [...checked[Math.floor(i * step)]!.appearance!]);
}

/** A run that began to choose by the Dice, as version 0.1 did, goes on so: its scores must compare. */
function choosesByInstances(
  { data }: SettledConfig,
  { validation }: RunSamples,
  saved: SavedRun | undefined,
): boolean {
  const history = saved?.checkpoint?.progress.history ?? [];
  const began = history.every((record) => record.validation?.["pq"] !== undefined);
  return data.instances && validation.length > 0 && began;
}

/** Seconds that may be spent before training on looking for near-duplicates: some 2,000 small images. */
const duplicateSeconds = 5;

async function duplicatesAcross({ train, validation, test }: RunSamples): Promise<NearDuplicates> {
  const parts = { training: train, validation, test };
  const found = await findNearDuplicates(parts, { seconds: duplicateSeconds });
  return { ...found, pairs: acrossParts(found) };
}

/** A checkpoint brings all weights: the files that the run started from need not be there any more. */
const withoutStart = (config: RunConfig): RunConfig => ({
  ...config,
  training: { ...config.training, weights: undefined, encoderWeights: undefined },
});

/**
 * The saved configuration with what was given again; only what does not change results may differ.
 *
 * @throws {ArgumentError} naming what else differs.
 */
export function resumedConfig(
  saved: RunConfig,
  given: Partial<RunOptions>,
  out: string,
): RunConfig {
  if (saved.data.path === "" && given.data?.path === undefined) {
    throw new ArgumentError(
      `${out}: the folder of the data must be given to a run without config.json, got none; sgdc train <data> --out <folder> --resume`,
    );
  }
  const now = withAbsolutePaths(resolveConfig(mergeOptions(saved, given)));
  const changed = differences(saved, now);
  if (changed.length > 0) {
    throw new ArgumentError(
      `${out}: a run must be resumed with its own configuration, got another:\n  ${changed.join("\n  ")}\nleave these options out, or start a new run in another folder`,
    );
  }
  return now;
}

interface Loaders {
  readonly training: Loader;
  readonly validation?: Loader;
}

function openLoaders(
  { data, training }: SettledConfig,
  samples: RunSamples,
  sizes: readonly Size[],
  ranks: Ranks = alone,
): Loaders {
  const { size, workers } = data;
  const common = {
    size: [size, size] as const,
    seed: training.seed,
    fit: data.fit,
    zoom: data.zoom,
    target: { classes: data.classes, boundary: data.instances },
    ...(workers !== undefined && { workers }),
  };
  const batchSize = Math.min(training.batchSize, samples.train.length);
  const loaders = {
    training: createLoader({
      ...common,
      samples: samples.train,
      nativeSizes: sizes.slice(0, samples.train.length),
      batchSize,
      shuffle: true,
      dropLast: true,
      augment: pickAugmentOptions(data),
      ...(ranks.size > 1 && {
        share: (_, count) => shareOfBatch(count, training.microBatch, ranks),
      }),
    }),
  };
  if (samples.validation.length === 0) return loaders;
  const most = training.microBatch || batchSize;
  const validation = createLoader({
    ...common,
    samples: samples.validation,
    nativeSizes: sizes.slice(samples.train.length),
    batchSize: Math.min(most, samples.validation.length),
    ...(ranks.size > 1 && {
      share: (batch, count) =>
        batch % ranks.size === ranks.rank ? Array.from({ length: count }, (_, i) => i) : [],
    }),
  });
  return { ...loaders, validation };
}

/** Examples in a report. */
const exampleCount = 12;

/** Curves as a picture, and the report: the best checkpoint on the validation images. */
async function finishRun(
  folder: RunFolder,
  config: RunConfig,
  { train: trained, validation }: RunSamples,
  { history, best }: Progress,
  engine: Engine,
  hooks: TrainHooks,
  notes: readonly string[],
): Promise<void> {
  const svg = plotCurves(history);
  await atomicWriteFile(folder.curvesSvg, svg);
  await atomicWriteFile(folder.curvesPng, await curvesToPng(svg));
  const shown = validation.length > 0 ? validation : trained.slice(0, exampleCount);
  hooks.onPhase?.(`evaluating ${counted(shown.length, "image")}`);
  const report: RunReport = {
    title: `sgdc, ${nameOfRun(config)}`,
    subtitle: `${config.data.path}: ${counted(trained.length, "training image")}, ${counted(validation.length, "validation image")}; best epoch ${best?.epoch ?? 0} of ${history.length}, shown on ${validation.length > 0 ? "the validation images" : "training images"}`,
    notes,
    config,
    history,
    ...(await evaluateBest(folder, shown, engine)),
  };
  await writeRunReport(folder.path, report);
}

async function evaluateBest(
  folder: RunFolder,
  samples: readonly Sample[],
  engine: Engine,
): Promise<Partial<RunReport>> {
  const { config, facts, weights } = await openCheckpoint(folder.best);
  const { device, threads } = config.runtime;
  const { fit, zoom, instances = false, classNames = [] } = config.data;
  const maps = instances;
  const predictor = await engine.openPredictor(facts, weights, { device, threads, maps });
  try {
    const pairs = predictedPairs(predictor, samples, { fit, zoom, instances });
    const scores = await scorePairs(pairs, { classes: classCount(predictor), instances });
    const examples = await drawCases(pairs, scores, exampleCount);
    return { scores: { ...scores, classNames }, examples };
  } finally {
    await predictor.dispose();
  }
}

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
import { ArgumentError } from "../base/errors.ts";
import { pickAugmentOptions } from "../run/augmentOptions.ts";
import { readCheckpoint, type Checkpoint } from "../run/checkpoint.node.ts";
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
import { nodeClock, openFolderStore } from "../run/folderStore.node.ts";
import { fitSettings } from "../run/recipe.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import type { FitEvents, Progress } from "../train/progress.ts";
import { readRunConfig } from "../run/readRunConfig.node.ts";
import { withValueRange } from "../run/measureRange.node.ts";
import { partsReadWith, valueRangeOf } from "../run/valueRange.ts";
import { withLabels, type SettledConfig } from "../run/withLabels.ts";
import {
  checkSamples,
  openRunSamples,
  splitOf,
  withAbsolutePaths,
  type RunSamples,
} from "../run/runData.node.ts";
import {
  exists,
  prepareRunFolder,
  refuseRun,
  runFolder,
  writeConfig,
} from "../run/runFolder.node.ts";
import type { RunFolder } from "../run/runFolder.node.ts";

export interface TrainOptions extends Partial<RunOptions> {
  /** Folder for the run; it must not hold one yet, unless `resume` or `overwrite` is set. */
  readonly out: string;
  /** Go on with the run in `out`; options that are given must then be those of the run. */
  readonly resume?: boolean;
  /** Delete the run that `out` holds. */
  readonly overwrite?: boolean;
  /** Look for a few seconds for images that show the same in two parts; default true. */
  readonly nearDuplicates?: boolean;
}

/** What watches and steers a run. */
export interface TrainHooks extends FitEvents {
  /** Told what is being done outside the epochs, e.g. `checking 806 images`. */
  onPhase?(what: string): void;
  /** Told if images that show the same are in two parts, or some could not be compared. */
  onNearDuplicates?(found: NearDuplicates): void;
  /** Ends the run after the step under way, ready to be resumed. */
  readonly signal?: AbortSignal;
  /** Default: ONNX Runtime on Node. */
  readonly engine?: Engine;
}

export interface TrainResult {
  readonly status: FitResult["status"];
  readonly folder: RunFolder;
  readonly config: RunConfig;
  /** Finished epochs. */
  readonly epochs: number;
  /** The best epoch, and its validation Dice (or negative training loss where nothing validates). */
  readonly best?: Progress["best"];
}

/**
 * Trains a network and fills a run folder: config.json, split.json, log.jsonl, checkpoints, curves,
 * report.html. See `RunOptions` for all settings; defaults come from the preset.
 *
 * Each epoch uses floor(images / batchSize) full batches in a new random order; what is left over
 * rejoins the next epoch. Fewer images than a batch make one smaller batch.
 *
 * @throws {ArgumentError} for unusable options, a folder in use, a run of another configuration.
 * @throws {DataError} for images, masks and files that cannot be read or written.
 * @throws {NumericError} if the loss is no longer finite; the last good checkpoint is kept.
 */
export async function train(options: TrainOptions, hooks: TrainHooks = {}): Promise<TrainResult> {
  const { out, resume = false, overwrite = false, nearDuplicates = true, ...given } = options;
  const { engine = nodeEngine, signal } = hooks;
  if (resume && overwrite) {
    throw new ArgumentError("train: resume and overwrite exclude each other, got both");
  }
  const saved = resume ? await openSaved(out) : undefined;
  const wanted = withAbsolutePaths(
    saved ? resumedConfig(saved.config, given, out) : resolveConfig(given),
  );
  if (!resume && !overwrite) await refuseRun(out);

  const split = saved && (await exists(runFolder(out).split)) ? runFolder(out).split : undefined;
  const found = await openRunSamples(wanted, split);
  const labelled = withLabels(wanted, found);
  const data = await withValueRange(labelled.data, found.train, saved && true);
  const config = { ...labelled, data };
  const samples = partsReadWith(valueRangeOf(data), found);
  const all = [...samples.train, ...samples.validation];
  hooks.onPhase?.(`checking ${all.length} images`);
  const sizes = await checkSamples(all, config.data.path, {
    onProgress: (done, total) => hooks.onPhase?.(`checked ${done} of ${total} images`),
    signal,
  });
  const duplicates = nearDuplicates ? await duplicatesAcross(samples) : undefined;
  if (duplicates && hasFindings(duplicates)) hooks.onNearDuplicates?.(duplicates);

  hooks.onPhase?.("building the network");
  const model = await engine.openTrainingModel(
    trainingSetup(saved?.checkpoint ? withoutStart(config) : config),
  );
  const loaders = openLoaders(config, samples, sizes);
  try {
    const folder = saved ? runFolder(out) : await prepareRunFolder(out, overwrite);
    await writeConfig(folder, config);
    await writeSplit(folder.split, splitOf(samples));
    const result = await fit({
      settings: fitSettings(config),
      model,
      ...loaders,
      store: await openFolderStore(folder, config),
      clock: nodeClock,
      resume: saved?.checkpoint,
      signal,
      events: {
        onStep: (event) => hooks.onStep?.(event),
        async onEpoch(event) {
          await atomicWriteFile(folder.curvesSvg, plotCurves(event.history));
          await hooks.onEpoch?.(event);
        },
      },
    });
    const { status, progress } = result;
    if (status !== "interrupted") {
      await model.dispose();
      const notes = duplicates ? nearDuplicateLines(duplicates) : [];
      await finishRun(folder, config, samples, progress, engine, hooks, notes);
    }
    const { best, epoch: epochs } = progress;
    return { status, folder, config, epochs, ...(best && { best }) };
  } finally {
    await loaders.training.close();
    await loaders.validation?.close();
    await model.dispose();
  }
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

interface Saved {
  readonly config: RunConfig;
  /** Absent if the run was ended before its first checkpoint: it then starts anew. */
  readonly checkpoint?: Checkpoint;
}

async function openSaved(out: string): Promise<Saved> {
  const folder = runFolder(out);
  if (await exists(folder.last)) {
    const checkpoint = await readCheckpoint(folder.last);
    return { config: checkpoint.config, checkpoint };
  }
  if (await exists(folder.config)) return { config: await readRunConfig(folder.config) };
  throw new ArgumentError(
    `${out}: folder to resume must hold a run, got no checkpoints/last.safetensors and no config.json`,
  );
}

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
  const now = withAbsolutePaths(resolveConfig(mergeOptions(saved, given)));
  const changed = differences(saved, now);
  if (changed.length > 0) {
    throw new ArgumentError(
      `${out}: a run must be resumed with its own configuration, got another:\n  ${changed.join("\n  ")}\nleave these options out, or start a new run in another folder`,
    );
  }
  return now;
}

function openLoaders(
  { data, training }: SettledConfig,
  samples: RunSamples,
  sizes: readonly Size[],
): { training: Loader; validation?: Loader } {
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
    }),
  };
  if (samples.validation.length === 0) return loaders;
  const most = training.microBatch || batchSize;
  const validation = createLoader({
    ...common,
    samples: samples.validation,
    nativeSizes: sizes.slice(samples.train.length),
    batchSize: Math.min(most, samples.validation.length),
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
  hooks.onPhase?.(`evaluating ${shown.length} images`);
  const report: RunReport = {
    title: `sgdc, ${nameOfRun(config)}`,
    subtitle: `${config.data.path}: ${trained.length} training and ${validation.length} validation images; best epoch ${best?.epoch ?? 0} of ${history.length}, shown on ${validation.length > 0 ? "the validation images" : "training images"}`,
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

/** The fit loop: epochs of steps, validation, checkpoints; resumable at any step, bit for bit. */
import { performance } from "node:perf_hooks";
import { clipGlobalNorm, clipValue, globalNorm } from "../optim/clip.ts";
import { learningRateAt } from "../optim/schedule.ts";
import type { EpochRecord } from "../report/epochRecord.ts";
import { NumericError } from "../base/errors.ts";
import { saveCheckpoint, type Checkpoint } from "../run/checkpoint.node.ts";
import type { RunConfig } from "../run/config.ts";
import { atStart, type FitEvents, type Progress, type StepEvent } from "./progress.ts";
import { channelsOf } from "../network/facts.ts";
import { scheduleOptions } from "../run/recipe.ts";
import { exists, removeLeftovers, writeLog, type RunFolder } from "../run/runFolder.node.ts";
import { trainBatch } from "./trainBatch.ts";
import type { BatchSource, TrainingBatch, TrainingModel } from "../network/trainingModel.ts";
import {
  createTrainingState,
  stateTensors,
  weightTensors,
  type TrainingState,
} from "./trainingState.node.ts";
import { validate } from "./validate.ts";

export interface FitArguments {
  readonly config: RunConfig;
  readonly model: TrainingModel;
  readonly training: BatchSource;
  /** Without it the best epoch is that of the lowest training loss. */
  readonly validation?: BatchSource | undefined;
  readonly folder: RunFolder;
  /** Where to go on from. */
  readonly resume?: Checkpoint | undefined;
  readonly events?: FitEvents | undefined;
  /** Stops the loop after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

export interface FitResult {
  readonly status: "finished" | "stopped early" | "interrupted";
  readonly progress: Progress;
}

/** What the loop works with. */
interface Loop extends FitArguments {
  readonly state: TrainingState;
  readonly progress: Progress;
  /** Sums of gradients over micro-batches. */
  readonly sums: Map<string, Float32Array>;
  /** Time and steps of this process, for the time left. */
  readonly clock: { steps: number; stepSeconds: number; validationSeconds: number };
}

/**
 * Trains until the last epoch, early stopping or `signal`.
 *
 * Everything random follows from (seed, epoch, index), and a checkpoint holds the rest, so that a run
 * that was interrupted and resumed gives the same bits as one that was not.
 *
 * @throws {NumericError} if a loss, a gradient or a weight is not finite, naming step and images; the
 *   checkpoints then still hold the last good state.
 * @throws {DataError} if a file cannot be written, or `resume` does not belong to the model.
 */
export async function fit(given: FitArguments): Promise<FitResult> {
  const { resume } = given;
  const loop: Loop = {
    ...given,
    state: createTrainingState(given.config, given.model, resume?.tensors),
    progress: resume ? structuredClone(resume.progress) : atStart(),
    sums: new Map(),
    clock: { steps: 0, stepSeconds: 0, validationSeconds: 0 },
  };
  const { progress, config, folder } = loop;
  await removeLeftovers(folder);
  await writeLog(folder, progress.history);
  while (progress.epoch < config.training.epochs && !stopsEarly(loop)) {
    if (!(await trainEpoch(loop))) return { status: "interrupted", progress };
    await finishEpoch(loop);
  }
  const early = progress.epoch < config.training.epochs;
  return { status: early ? "stopped early" : "finished", progress };
}

/** The steps of one epoch that are still to do. Returns false if it was interrupted. */
async function trainEpoch(loop: Loop): Promise<boolean> {
  const { progress, training, signal, config } = loop;
  const longest = config.runtime.checkpointMinutes * 60;
  let began = performance.now();
  let saved = began;
  let skip = progress.step;
  for await (const batch of training.epoch(progress.epoch)) {
    // A resumed epoch passes over the batches that it has already used.
    if (skip-- > 0) continue;
    if (signal?.aborted) {
      await save(loop);
      return false;
    }
    const event = await trainStep(loop, batch);
    const now = performance.now();
    const seconds = (now - began) / 1000;
    progress.seconds += seconds;
    countStep(loop.clock, seconds);
    began = now;
    loop.events?.onStep?.({
      ...event,
      imagesPerSecond: progress.images / progress.seconds,
      secondsLeft: secondsLeft(loop),
    });
    if ((now - saved) / 1000 > longest && progress.step < training.batchesPerEpoch) {
      await save(loop);
      saved = performance.now();
    }
    // The engine blocks the process while it computes: let timers and Ctrl-C have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

async function trainStep(
  loop: Loop,
  batch: TrainingBatch,
): Promise<Omit<StepEvent, "imagesPerSecond" | "secondsLeft">> {
  const { config, model, state, progress, training, sums } = loop;
  const {
    seed,
    epochs,
    microBatch,
    learningRate: base,
    clipNorm,
    clipValue: limit,
  } = config.training;
  const steps = training.batchesPerEpoch;
  const moment = { epoch: progress.epoch, step: progress.step, epochs, stepsPerEpoch: steps };
  const learningRate = learningRateAt(base, scheduleOptions(config.training), moment);
  const place = placeOf(progress, steps);

  const { terms, gradients } = await keepingCheckpoint(loop, () =>
    trainBatch(model, batch, microBatch, sums, [seed, progress.epoch, progress.step], place),
  );
  if (limit > 0) clipValue(gradients, limit);
  const norm = clipNorm > 0 ? clipGlobalNorm(gradients, clipNorm) : globalNorm(gradients);
  await keepingCheckpoint(loop, () => {
    if (Number.isFinite(norm)) return;
    throw new NumericError(`gradient is ${norm} ${place}; batch: ${batch.names.join(", ")}`);
  });
  state.optimizer.step(gradients, learningRate);
  state.ema?.update();

  const count = batch.names.length;
  for (const [name, value] of Object.entries(terms)) {
    progress.sums[name] = (progress.sums[name] ?? 0) + value * count;
  }
  progress.images += count;
  progress.step++;
  if (terms["total"] !== undefined) progress.lastLoss = terms["total"];
  const { epoch, step } = progress;
  return { epoch: epoch + 1, epochs, step, steps, terms, learningRate };
}

/** The first step builds the engine's session: it counts only as long as there is no other. */
function countStep(clock: Loop["clock"], seconds: number): void {
  if (clock.steps === 1) clock.stepSeconds = 0;
  clock.stepSeconds += seconds;
  clock.steps++;
}

/** Validates, keeps the best, writes the record and the checkpoint. */
async function finishEpoch(loop: Loop): Promise<void> {
  const { config, model, state, progress, validation, folder, events } = loop;
  await requireFiniteWeights(loop);
  const record = recordOf(loop);
  const { epoch } = record;
  const began = performance.now();
  let best = false;
  // With averaging on, the averaged weights are what is validated and kept as the best.
  state.ema?.swap();
  try {
    if (validation) {
      const scores = await keepingCheckpoint(loop, () =>
        validate(model, validation, {
          size: config.data.size,
          channels: channelsOf(config.data.classes ?? 1),
          place: `in validation after epoch ${epoch}`,
        }),
      );
      Object.assign(record, { validation: scores });
    }
    const score = record.validation?.["dice"] ?? -(record.train["total"] ?? NaN);
    best = !progress.best || score > progress.best.score;
    if (best) progress.best = { epoch, score };
    Object.assign(progress, { epoch, step: 0, sums: {}, images: 0, seconds: 0 });
    progress.history.push(record);
    if (best) {
      await saveCheckpoint(folder.best, { config, progress, tensors: weightTensors(state) });
    }
  } finally {
    state.ema?.swap();
  }
  loop.clock.validationSeconds = (performance.now() - began) / 1000;
  await save(loop);
  await writeLog(folder, progress.history);
  const { history } = progress;
  await events?.onEpoch?.({ record, epochs: config.training.epochs, best, history });
}

function recordOf({ config, progress, training }: Loop): EpochRecord {
  const { epochs, learningRate } = config.training;
  const { epoch, images, seconds, sums } = progress;
  const stepsPerEpoch = training.batchesPerEpoch;
  const last = { epoch, step: stepsPerEpoch - 1, epochs, stepsPerEpoch };
  return {
    epoch: epoch + 1,
    learningRate: learningRateAt(learningRate, scheduleOptions(config.training), last),
    train: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / images])),
    seconds,
    imagesPerSecond: seconds > 0 ? images / seconds : 0,
  };
}

const stopsEarly = ({ config, progress }: Loop): boolean => {
  const { patience } = config.training;
  return patience > 0 && !!progress.best && progress.epoch - progress.best.epoch >= patience;
};

/** Writes the checkpoint to go on from, unless that would replace a good one by a broken one. */
async function save(loop: Loop): Promise<void> {
  await requireFiniteWeights(loop);
  const { config, state, progress, folder } = loop;
  await saveCheckpoint(folder.last, { config, progress, tensors: stateTensors(state) });
}

/** `at step 412 (0.381 at step 411)`; steps count over the whole run, from 1. */
function placeOf({ epoch, step, lastLoss }: Progress, stepsPerEpoch: number): string {
  const number = epoch * stepsPerEpoch + step + 1;
  const before =
    lastLoss === undefined ? "" : ` (${lastLoss.toPrecision(3)} at step ${number - 1})`;
  return `at step ${number}${before}`;
}

/** Adds to a numeric error where the last good state is kept. */
async function keepingCheckpoint<T>(loop: Loop, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof NumericError)) throw error;
    const { last } = loop.folder;
    const kept = (await exists(last)) ? `; the last good checkpoint is ${last}` : "";
    throw new NumericError(`${error.message}${kept}`, { cause: error });
  }
}

/** @throws {NumericError} naming the first weight or running statistic that is not finite. */
const requireFiniteWeights = async (loop: Loop): Promise<void> =>
  keepingCheckpoint(loop, () => {
    for (const [name, values] of loop.state.weights) {
      const bad = values.find((value) => !Number.isFinite(value));
      if (bad === undefined) continue;
      const { epoch, step } = loop.progress;
      throw new NumericError(
        `weight ${name} is ${bad} after step ${epoch * loop.training.batchesPerEpoch + step}; lower the learning rate or clip gradients`,
      );
    }
  });

function secondsLeft({ clock, progress, config, training, validation }: Loop): number {
  const epochsLeft = config.training.epochs - progress.epoch;
  const stepsLeft = epochsLeft * training.batchesPerEpoch - progress.step;
  const perStep = clock.stepSeconds / Math.max(1, clock.steps - 1);
  return perStep * stepsLeft + (validation ? clock.validationSeconds * epochsLeft : 0);
}

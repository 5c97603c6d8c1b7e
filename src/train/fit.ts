/** The fit loop: epochs of steps, validation, checkpoints; resumable at any step, bit for bit. */
import type { Batch } from "../data/loader/batch.ts";
import { clipGlobalNorm, clipValue, globalNorm } from "../optim/clip.ts";
import type { OptimizerOptions } from "../optim/optimizer.ts";
import { learningRateAt, type ScheduleOptions } from "../optim/schedule.ts";
import { NumericError } from "../base/errors.ts";
import type { NamedTensors } from "../tensor/tensor.ts";
import type { BatchSource, TrainingModel } from "../network/trainingModel.ts";
import { webClock, type Clock } from "./clock.ts";
import {
  atStart,
  type EpochRecord,
  type FitEvents,
  type Progress,
  type StepEvent,
} from "./progress.ts";
import type { RunStore, Snapshot } from "./runStore.ts";
import { alone, tell, wasTold, type Ranks } from "./ranks.ts";
import { trainBatch, type BatchMemory } from "./trainBatch.ts";
import {
  createTrainingState,
  stateTensors,
  weightTensors,
  type TrainingState,
} from "./trainingState.ts";
import { validate } from "./validate.ts";

/** What decides the numbers of a run, beside network and images. */
export interface FitSettings {
  readonly epochs: number;
  readonly optimizer: OptimizerOptions;
  /** At the start, after warm-up. */
  readonly learningRate: number;
  readonly schedule: ScheduleOptions;
  /** Of every random number. */
  readonly seed: number;
  /** Height and width of the network's images. */
  readonly size: number;
  /** Channels of the network's probabilities. */
  readonly channels: number;
  /** Images at a time; default 0: the whole batch. */
  readonly microBatch?: number;
  /** Largest norm of all gradients together; default 0: no limit. */
  readonly clipNorm?: number;
  /** Largest size of a gradient's entries; default 0: no limit. */
  readonly clipValue?: number;
  /** Decay of the averaged weights; default 0: no average. */
  readonly ema?: number;
  /** Stop after this many epochs without a better one; default 0: never. */
  readonly patience?: number;
  /** Longest time within an epoch without a checkpoint; default 600. */
  readonly checkpointSeconds?: number;
}

/** A score of its own by which the best epoch is chosen, in place of the validation's Dice. */
export interface EpochChoice {
  /** Its name in the history, e.g. `pq`. */
  readonly metric: string;
  /** The score of these weights, the higher the better; NaN says nothing. */
  measure(weights: NamedTensors): Promise<number>;
}

export interface FitArguments {
  readonly settings: FitSettings;
  readonly model: TrainingModel;
  readonly training: BatchSource;
  /** Without it the best epoch is that of the lowest training loss. */
  readonly validation?: BatchSource | undefined;
  readonly choice?: EpochChoice | undefined;
  readonly store: RunStore;
  /** Where to go on from: what a store kept with `saveLast`. */
  readonly resume?: Snapshot | undefined;
  readonly events?: FitEvents | undefined;
  /** Stops the loop after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Default: `webClock`. */
  readonly clock?: Clock | undefined;
  /**
   * The processes that train together; default this one. All have the same settings, model and checkpoint; of batches each has its
   * share (`shareOfBatch`), of validation batches those whose number leaves its rank. What they share is added in the order in
   * which one process would come by it, so that their count changes no bit. Rank 0 decides when to save.
   */
  readonly ranks?: Ranks | undefined;
}

export interface FitResult {
  readonly status: "finished" | "stopped early" | "interrupted";
  readonly progress: Progress;
}

/** What the loop works with. */
interface Loop extends FitArguments {
  readonly state: TrainingState;
  readonly progress: Progress;
  readonly memory: BatchMemory;
  readonly clock: Clock;
  readonly ranks: Ranks;
  /** Time and steps of this process, for the time left. */
  readonly spent: { steps: number; stepSeconds: number; validationSeconds: number };
}

/**
 * Trains until the last epoch, early stopping or `signal`.
 *
 * Everything random follows from (seed, epoch, index), and a checkpoint holds the rest, so that a run
 * that was interrupted and resumed gives the same bits as one that was not.
 *
 * @throws {NumericError} if a loss, a gradient or a weight is not finite, naming step and images; the
 *   checkpoints then still hold the last good state.
 * @throws {DataError} if `resume` does not belong to the model; whatever the store throws.
 */
export async function fit(given: FitArguments): Promise<FitResult> {
  const { resume } = given;
  const loop: Loop = {
    ...given,
    state: createTrainingState(given.settings, given.model, resume?.tensors),
    progress: resume ? structuredClone(resume.progress) : atStart(),
    memory: {},
    clock: given.clock ?? webClock,
    ranks: given.ranks ?? alone,
    spent: { steps: 0, stepSeconds: 0, validationSeconds: 0 },
  };
  const { progress, store } = loop;
  const { epochs } = given.settings;
  await store.saveHistory(progress.history);
  while (progress.epoch < epochs && !stopsEarly(loop)) {
    if (!(await trainEpoch(loop))) return { status: "interrupted", progress };
    await finishEpoch(loop);
  }
  const early = progress.epoch < epochs;
  return { status: early ? "stopped early" : "finished", progress };
}

/** The steps of one epoch that are still to do. Returns false if it was interrupted. */
async function trainEpoch(loop: Loop): Promise<boolean> {
  const { progress, training, signal, clock } = loop;
  const { checkpointSeconds: longest = 600 } = loop.settings;
  let began = clock.seconds();
  let saved = began;
  let late = false;
  let skip = progress.step;
  for await (const batch of training.epoch(progress.epoch)) {
    // A resumed epoch passes over the batches that it has already used.
    if (skip-- > 0) continue;
    const { stop, due } = await agree(loop, { stop: signal?.aborted ?? false, due: late });
    if (stop || due) await save(loop);
    if (stop) return false;
    if (due) saved = clock.seconds();
    const event = await trainStep(loop, batch);
    const now = clock.seconds();
    const seconds = now - began;
    progress.seconds += seconds;
    countStep(loop.spent, seconds);
    began = now;
    loop.events?.onStep?.({
      ...event,
      imagesPerSecond: progress.images / progress.seconds,
      secondsLeft: secondsLeft(loop),
    });
    late = now - saved > longest;
    await clock.pause();
  }
  return true;
}

/** Before each step: one rank that is to stop stops all; rank 0 says when a checkpoint is due. */
async function agree({ ranks }: Loop, own: { stop: boolean; due: boolean }): Promise<typeof own> {
  const all = await tell(ranks, own);
  return { stop: all.some(({ stop }) => stop), due: all[0]!.due };
}

async function trainStep(
  loop: Loop,
  batch: Batch,
): Promise<Omit<StepEvent, "imagesPerSecond" | "secondsLeft">> {
  const { settings, model, state, progress, training, memory, ranks } = loop;
  const { seed, epochs, microBatch = 0, clipNorm = 0, clipValue: limit = 0 } = settings;
  const steps = training.batchesPerEpoch;
  const moment = { epoch: progress.epoch, step: progress.step, epochs, stepsPerEpoch: steps };
  const learningRate = learningRateAt(settings.learningRate, settings.schedule, moment);
  const place = placeOf(progress, steps);

  const { terms, gradients } = await keepingCheckpoint(loop, () =>
    trainBatch(
      ...([model, batch, microBatch, memory] as const),
      ...([[seed, progress.epoch, progress.step], place, ranks] as const),
    ),
  );
  if (limit > 0) clipValue(gradients, limit);
  const norm = clipNorm > 0 ? clipGlobalNorm(gradients, clipNorm) : globalNorm(gradients);
  await keepingCheckpoint(loop, () => {
    if (Number.isFinite(norm)) return;
    throw new NumericError(`gradient is ${norm} ${place}; batch: ${batch.names.join(", ")}`);
  });
  state.optimizer.step(gradients, learningRate);
  state.ema?.update();

  const count = batch.whole ?? batch.names.length;
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
function countStep(spent: Loop["spent"], seconds: number): void {
  if (spent.steps === 1) spent.stepSeconds = 0;
  spent.stepSeconds += seconds;
  spent.steps++;
}

/** Validates, keeps the best, writes the record and the checkpoint. */
async function finishEpoch(loop: Loop): Promise<void> {
  const { settings, model, state, progress, validation, choice, store, events, clock } = loop;
  await requireFiniteWeights(loop);
  let record = recordOf(loop);
  const { epoch } = record;
  const began = clock.seconds();
  let best = false;
  // With averaging on, the averaged weights are what is validated and kept as the best.
  state.ema?.swap();
  try {
    if (validation) {
      const scores = await keepingCheckpoint(loop, () =>
        validate(model, validation, {
          size: settings.size,
          channels: settings.channels,
          place: `in validation after epoch ${epoch}`,
          ranks: loop.ranks,
        }),
      );
      const chosen = choice && { [choice.metric]: await choice.measure(weightTensors(state)) };
      // In the order in which a checkpoint gives it back, so that logs are equal byte for byte, too.
      const { seconds, imagesPerSecond, ...rest } = record;
      record = { ...rest, validation: { ...scores, ...chosen }, seconds, imagesPerSecond };
    }
    const score = scoreOf(record, choice);
    best = isBetter(score, record, progress);
    if (best) progress.best = { epoch, score };
    Object.assign(progress, { epoch, step: 0, sums: {}, images: 0, seconds: 0 });
    progress.history.push(record);
    if (best) await store.saveBest({ progress, tensors: weightTensors(state) });
  } finally {
    state.ema?.swap();
  }
  loop.spent.validationSeconds = clock.seconds() - began;
  await save(loop);
  const { history } = progress;
  await store.saveHistory(history);
  await events?.onEpoch?.({ record, epochs: settings.epochs, best, history });
}

/** What the epochs are compared by; an epoch without a number is the worst. */
function scoreOf({ train, validation }: EpochRecord, choice: EpochChoice | undefined): number {
  const score = validation?.[choice?.metric ?? "dice"] ?? -(train["total"] ?? NaN);
  return Number.isNaN(score) ? -Number.MAX_VALUE : score;
}

/** A higher score, or the same one at a lower loss: of epochs that all miss, the least trained is no winner. */
function isBetter(score: number, record: EpochRecord, { best, history }: Progress): boolean {
  if (!best || score !== best.score) return !best || score > best.score;
  const before = history.find(({ epoch }) => epoch === best.epoch);
  return lossOf(record) < (before ? lossOf(before) : -Infinity);
}

const lossOf = ({ train, validation }: EpochRecord): number =>
  validation?.["loss"] ?? train["total"] ?? NaN;

function recordOf({ settings, progress, training }: Loop): EpochRecord {
  const { epochs, learningRate, schedule } = settings;
  const { epoch, images, seconds, sums } = progress;
  const stepsPerEpoch = training.batchesPerEpoch;
  const last = { epoch, step: stepsPerEpoch - 1, epochs, stepsPerEpoch };
  return {
    epoch: epoch + 1,
    learningRate: learningRateAt(learningRate, schedule, last),
    train: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / images])),
    seconds,
    imagesPerSecond: seconds > 0 ? images / seconds : 0,
  };
}

const stopsEarly = ({ settings, progress }: Loop): boolean => {
  const { patience = 0 } = settings;
  return patience > 0 && !!progress.best && progress.epoch - progress.best.epoch >= patience;
};

/** Writes the checkpoint to go on from, unless that would replace a good one by a broken one. */
async function save(loop: Loop): Promise<void> {
  await requireFiniteWeights(loop);
  const { state, progress, store } = loop;
  await store.saveLast({ progress, tensors: stateTensors(state) });
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
    // What another rank has told says it already.
    if (!(error instanceof NumericError) || wasTold(error)) throw error;
    const last = await loop.store.lastPlace();
    const kept = last === undefined ? "" : `; the last good checkpoint is ${last}`;
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

function secondsLeft({ spent, progress, settings, training, validation }: Loop): number {
  const epochsLeft = settings.epochs - progress.epoch;
  const stepsLeft = epochsLeft * training.batchesPerEpoch - progress.step;
  const perStep = spent.stepSeconds / Math.max(1, spent.steps - 1);
  return perStep * stepsLeft + (validation ? spent.validationSeconds * epochsLeft : 0);
}

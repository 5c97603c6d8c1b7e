/** One batch as micro-batches, shared out over the ranks: loss terms and gradients as if it had been one. */
import { NumericError } from "../base/errors.ts";
import { fnv1a } from "../base/random.ts";
import type { Batch } from "../data/loader/batch.ts";
import type { StatisticUpdate, StepResult, TrainingModel } from "../network/trainingModel.ts";
import { alone, tell, type Ranks } from "./ranks.ts";
import { sumOverRanks, type GradientSum } from "./sumOverRanks.ts";

/**
 * Sizes of the micro-batches: as few as can be, as even as can be, none of a single image unless the
 * batch is one. (3 images at 2 a time are therefore taken at once.)
 *
 * @param count       images in the batch
 * @param microBatch  most images at a time; 0 for all
 */
export function microBatchSizes(count: number, microBatch: number): number[] {
  const wanted = microBatch > 0 ? Math.ceil(count / microBatch) : 1;
  const parts = Math.max(1, Math.min(wanted, Math.floor(count / 2)));
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * count) / parts) - Math.floor((i * count) / parts),
  );
}

/** A micro-batch: its place among them, its first image, its images. */
interface MicroBatch {
  readonly index: number;
  readonly start: number;
  readonly size: number;
}

/** The micro-batches of a batch. */
function microBatches(count: number, microBatch: number): MicroBatch[] {
  let start = 0;
  return microBatchSizes(count, microBatch).map((size, index) => {
    const part = { index, start, size };
    start += size;
    return part;
  });
}

/** The places in a batch of the images that a rank takes: every micro-batch whose number leaves the rank's when divided by their count. */
export const shareOfBatch = (
  count: number,
  microBatch: number,
  { rank, size }: Pick<Ranks, "rank" | "size">,
): number[] =>
  microBatches(count, microBatch)
    .filter(({ index }) => index % size === rank)
    .flatMap((part) => Array.from({ length: part.size }, (_, i) => part.start + i));

/** What is kept between the batches of a training; empty at its beginning. */
export interface BatchMemory {
  /** Sums of gradients over micro-batches, where one process has several. */
  sums?: Map<string, Float32Array>;
  /** The same over ranks. */
  shared?: GradientSum;
  /** Which running statistics move, in the order in which ranks tell each other of them. */
  statistics?: readonly StatisticKind[];
}

type StatisticKind = Pick<StatisticUpdate, "name" | "decay">;

/** What a batch gives. */
export type BatchResult = Pick<StepResult, "terms" | "gradients">;

/**
 * Runs a batch through the model in micro-batches, and moves the running statistics. Terms and gradients are means over the images,
 * so that they equal those of the whole batch, but for batch norm: it sees the micro-batches, and its running statistics
 * move once for each of them.
 *
 * Several ranks take the micro-batches in turn, and everything is added in the order of micro-batches: the bits are those of one
 * process that computes them all.
 *
 * @param memory  the same in all calls; filled as it is needed
 * @param key    names the step, so that its random numbers follow from it: seed, epoch, step
 * @param place  for messages, e.g. `at step 412`
 * @throws {NumericError} if a micro-batch's loss is not finite, naming the place and the images.
 */
export async function trainBatch(
  model: TrainingModel,
  batch: Batch,
  microBatch: number,
  memory: BatchMemory,
  key: readonly number[],
  place: string,
  ranks: Ranks = alone,
): Promise<BatchResult> {
  const count = batch.whole ?? batch.names.length;
  const parts = microBatches(count, microBatch);
  const terms: Record<string, number> = {};
  let taken = 0;
  for (let round = 0; round < parts.length; round += ranks.size) {
    const own = parts[round + ranks.rank];
    let result: StepResult | undefined;
    if (own) {
      const { names, images, masks } = imagesOf(batch, taken, own.size);
      const seed = fnv1a(["step", ...key, own.start].join("/"));
      result = await model.step(images, masks, own.size, seed);
      checkFinite(result.terms, names, place);
      taken += own.size;
    }
    const kinds = memory.statistics ? undefined : result?.statistics.map(kindOf);
    const told = await tell(ranks, { terms: result?.terms ?? {}, ...(kinds && { kinds }) });
    memory.statistics ??= told[0]!.kinds ?? [];
    const sharing = parts.slice(round, round + ranks.size);
    await moveStatistics(model, memory.statistics, result?.statistics ?? [], sharing.length, ranks);
    if (parts.length === 1 && ranks.size === 1 && result) return result;
    const weights = sharing.map(({ size }) => size / count);
    weights.forEach((weight, r) => {
      for (const [name, value] of Object.entries(told[r]!.terms)) {
        terms[name] = (terms[name] ?? 0) + weight * value;
      }
    });
    if (ranks.size > 1) {
      memory.shared ??= sumOverRanks(ranks, model.parameters);
      await memory.shared.add(result?.gradients, weights, round === 0);
    } else if (result) {
      memory.sums ??= new Map();
      addTo(memory.sums, result.gradients, weights[0]!, round === 0);
    }
  }
  return { terms, gradients: (await memory.shared?.finish()) ?? memory.sums ?? new Map() };
}

const kindOf = ({ name, decay }: StatisticUpdate): StatisticKind => ({ name, decay });

/** Images of this process's share, from `start` on, without copying. */
function imagesOf(batch: Batch, start: number, size: number): Batch {
  const { names, images, masks } = batch;
  const cut = (data: Batch["images"]): Batch["images"] => {
    const each = data.length / names.length;
    return data.subarray(start * each, (start + size) * each);
  };
  return { names: names.slice(start, start + size), images: cut(images), masks: cut(masks) };
}

/**
 * buffer = decay . buffer + fresh, for the micro-batches of a round in their order; each operation rounded to float32, as the engine
 * would.
 *
 * @param own    of this rank's micro-batch; nothing if it has none
 * @param count  micro-batches of the round
 */
async function moveStatistics(
  { buffers }: TrainingModel,
  kinds: readonly StatisticKind[],
  own: readonly StatisticUpdate[],
  count: number,
  ranks: Ranks,
): Promise<void> {
  const rounds = ranks.size === 1 ? [own] : await gatherStatistics(buffers, kinds, own, ranks);
  for (const updates of rounds.slice(0, count)) {
    for (const { name, decay, fresh } of updates) {
      const values = buffers.get(name);
      if (!values) continue;
      const kept = Math.fround(decay);
      for (let i = 0; i < values.length; i++) {
        values[i] = Math.fround(values[i]! * kept) + fresh[i]!;
      }
    }
  }
}

async function gatherStatistics(
  buffers: TrainingModel["buffers"],
  kinds: readonly StatisticKind[],
  own: readonly StatisticUpdate[],
  ranks: Ranks,
): Promise<StatisticUpdate[][]> {
  const moved = kinds.filter(({ name }) => buffers.has(name));
  const fresh = new Map(own.map((update) => [update.name, update.fresh]));
  const lengths = moved.map(({ name }) => buffers.get(name)!.length);
  const flat = new Float32Array(own.length === 0 ? 0 : lengths.reduce((a, b) => a + b, 0));
  let at = 0;
  for (const [i, { name }] of moved.entries()) {
    if (own.length > 0) flat.set(fresh.get(name)!, at);
    at += lengths[i]!;
  }
  const all = await ranks.gather(new Uint8Array(flat.buffer));
  return all.map((bytes) => {
    const values = new Float32Array(bytes.slice().buffer);
    let from = 0;
    return moved.map(({ name, decay }, i) => {
      const part = values.subarray(from, (from += lengths[i]!));
      return { name, decay, fresh: part };
    });
  });
}

/** @throws {NumericError} naming the first term that is not finite, and the images. */
export function checkFinite(
  terms: Readonly<Record<string, number>>,
  names: readonly string[],
  place: string,
): void {
  for (const [name, value] of Object.entries({ total: terms["total"] ?? NaN, ...terms })) {
    if (!Number.isFinite(value)) {
      const term = name === "total" ? "loss" : `loss term ${name}`;
      throw new NumericError(`${term} is ${value} ${place}; batch: ${names.join(", ")}`);
    }
  }
}

/** sums = (first ? 0 : sums) + weight . gradients */
function addTo(
  sums: Map<string, Float32Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  weight: number,
  first: boolean,
): void {
  for (const [name, gradient] of gradients) {
    let sum = sums.get(name);
    if (!sum) sums.set(name, (sum = new Float32Array(gradient.length)));
    if (first) for (let i = 0; i < sum.length; i++) sum[i] = weight * gradient[i]!;
    else for (let i = 0; i < sum.length; i++) sum[i]! += weight * gradient[i]!;
  }
}

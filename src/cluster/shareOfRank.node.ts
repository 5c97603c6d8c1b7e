/** How a run is laid out over ranks: micro-batches for each, threads for each. */
import { availableParallelism, cpus } from "node:os";
import { ArgumentError } from "../base/errors.ts";
import type { RunConfig, RunOptions } from "../run/config.ts";
import type { Ranks } from "../train/ranks.ts";
import { microBatchSizes } from "../train/trainBatch.ts";
import { launchedAs } from "./launched.ts";

type Training = RunConfig["training"];
type Size = Pick<Ranks, "size">;

const partsOf = ({ batchSize, microBatch }: Training, images: number): number =>
  microBatchSizes(Math.min(batchSize, images), microBatch).length;

/**
 * The training with micro-batches so small that each rank has one; what was asked for is kept.
 *
 * The micro-batches decide the bits, not the ranks: they become part of the run's configuration.
 *
 * @param images  of the training
 * @throws {ArgumentError} if a rank would have nothing to do.
 */
export function microBatchFor(
  training: Training,
  given: Partial<RunOptions>,
  images: number,
  { size }: Size,
): Training {
  if (partsOf(training, images) >= size) return training;
  const count = Math.min(training.batchSize, images);
  const asked = given.training?.microBatch;
  if (asked !== undefined && asked > 0) {
    throw new ArgumentError(
      `training.microBatch (--micro-batch) must leave each of ${size} ranks a part of a batch of ${count}, got ${asked}; at most ${Math.floor(count / size)}, or fewer ranks`,
    );
  }
  for (let microBatch = Math.floor(training.batchSize / size); microBatch >= 2; microBatch--) {
    const smaller = { ...training, microBatch };
    if (training.batchSize % microBatch === 0 && partsOf(smaller, images) >= size) return smaller;
  }
  throw new ArgumentError(
    `training.batchSize (--batch-size) must give each of ${size} ranks at least 2 images, got ${count}; a larger batch, or at most ${Math.floor(count / 2)} ranks`,
  );
}

/** What to say of ranks for which a run that is resumed has no micro-batch; undefined if there are none. */
export function idleRanksLine(
  training: Training,
  images: number,
  { size }: Size,
): string | undefined {
  const parts = partsOf(training, images);
  return parts >= size
    ? undefined
    : `${size - parts} of ${size} ranks have nothing to train with: the run has ${parts} micro-batches a batch, which decide its bits`;
}

/** Threads of the engine in this process, where the configuration says 0: the cores that are there for it. */
export function threadsOfRank(threads: number, { size }: Size): number {
  if (threads > 0 || size === 1) return threads;
  const local = launchedAs(process.env)?.local ?? 1;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus().length / local)));
}

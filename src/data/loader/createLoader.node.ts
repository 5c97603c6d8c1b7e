/** Batches made beside the training: worker threads read, augment and normalise ahead of it. */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { checkAugmentOptions, type AugmentOptions } from "../augment/augmentOptions.ts";
import type { Sample } from "../dataset.ts";
import { defaultMaxPixels } from "../images/openImage.node.ts";
import type { Fit } from "./networkInput.ts";
import type { Batch, TargetOptions } from "./batch.ts";
import { cacheBytesOf, loadBatch } from "./loadBatch.node.ts";
import type { CacheSlot, LoadContext, LoadTask } from "./loadBatch.node.ts";
import type { LoadAnswer } from "./loader.worker.node.ts";
import { imageNetMean, imageNetStd, type PerChannel } from "./networkInput.ts";

/** How batches are made. */
export interface LoaderOptions {
  readonly samples: readonly Sample[];
  /** Height and width of every image of a batch, pixels. */
  readonly size: readonly [height: number, width: number];
  readonly batchSize: number;
  readonly seed: number;
  /** Default `resize`. */
  readonly fit?: Fit;
  /** With `crop`: pixels of the batch that a pixel of the image becomes; default 1. */
  readonly zoom?: number;
  /** Native size of each sample, without which crops are not cached. */
  readonly nativeSizes?: readonly { readonly width: number; readonly height: number }[];
  /** Planes that the labels become; default the foreground alone. */
  readonly target?: TargetOptions;
  /** Flips and rotations; `false` (default) for none. */
  readonly augment?: boolean | AugmentOptions;
  /** A new order every epoch; default false, the order of `samples`. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is smaller than the others; default false. */
  readonly dropLast?: boolean;
  /** Of a batch of `count` images, the places of those that this process is to have; the batch says of how many they are. Default all. */
  readonly share?: (batch: number, count: number) => readonly number[];
  /** Threads; 0 makes batches in the calling thread. Default: one less than the cores, 1 to 4. */
  readonly workers?: number;
  /** Bound on the memory for decoded and resized samples; default 1 GiB. */
  readonly cacheBytes?: number;
  /** Default ImageNet's. */
  readonly mean?: PerChannel;
  /** Default ImageNet's. */
  readonly std?: PerChannel;
  /** The most pixels an image may have; default 100 million. */
  readonly maxPixels?: number;
}

/** Makes the batches of an epoch, any epoch, in any order; to be closed when done. */
export interface Loader {
  readonly batchesPerEpoch: number;
  /** The batches of epoch n. Order and content depend on the options and n, on nothing before. */
  epoch(n: number): AsyncGenerator<Batch, void, undefined>;
  /** Ends the threads; batches not yet taken are dropped. */
  close(): Promise<void>;
}

function mustBeWhole(name: string, value: number, low: number): void {
  if (Number.isInteger(value) && value >= low) return;
  throw new ArgumentError(
    `loader: ${name} must be a whole number of at least ${low}, got ${value}`,
  );
}

/** Places for the first samples, as many as `limit` bytes hold. */
function planCache(
  sizes: readonly { readonly width: number; readonly height: number }[],
  limit: number,
  boundary: boolean,
): { slots: CacheSlot[]; bytes: number } {
  const slots: CacheSlot[] = [];
  let bytes = 0;
  for (const { width, height } of sizes) {
    const next = bytes + cacheBytesOf(height, width, boundary);
    if (next > limit) break;
    slots.push({ offset: bytes, width, height });
    bytes = next;
  }
  return { slots, bytes };
}

/** The pool of threads. From sources (tests, benches) a thread needs the TypeScript loader as well. */
function startPool(context: LoadContext, workers: number): Piscina<LoadTask, LoadAnswer> {
  const fromSource = import.meta.url.endsWith(".ts");
  const file = new URL(`./loader.worker.node.${fromSource ? "ts" : "js"}`, import.meta.url);
  const tsx = () => createRequire(import.meta.url).resolve("tsx");
  return new Piscina<LoadTask, LoadAnswer>({
    filename: fileURLToPath(file),
    minThreads: workers,
    maxThreads: workers,
    // The second task lies ready in the thread: the caller may be blocked when the first one is done.
    concurrentTasksPerWorker: 2,
    workerData: context,
    ...(fromSource ? { execArgv: ["--import", tsx()] } : {}),
  });
}

/**
 * A loader over `samples`. Batches are bit for bit the same for any number of workers: the order of an
 * epoch follows from (seed, epoch), the augmentation of a sample from (seed, epoch, its index).
 *
 * @throws {ArgumentError} for sizes and counts that are no whole positive numbers, and for unusable options of augmentation.
 * @throws {DataError} if there are no samples; from `epoch`, as `readSample`, naming the file.
 */
export function createLoader(options: LoaderOptions): Loader {
  const { samples, size, batchSize, seed, shuffle = false, dropLast = false, share } = options;
  const { workers = Math.min(4, Math.max(1, availableParallelism() - 1)) } = options;
  const { cacheBytes = 2 ** 30, mean = imageNetMean, std = imageNetStd } = options;
  const { maxPixels = defaultMaxPixels } = options;
  const [height, width] = size;
  mustBeWhole("height", height, 1);
  mustBeWhole("width", width, 1);
  mustBeWhole("batchSize", batchSize, 1);
  mustBeWhole("workers", workers, 0);
  if (samples.length === 0) throw new DataError("loader: samples must not be empty, got none");

  const { fit = "resize", zoom = 1, nativeSizes = [], augment } = options;
  const { target = { classes: 1, boundary: false } } = options;
  const sizes = fit === "crop" ? nativeSizes : samples.map(() => ({ width, height }));
  const { slots, bytes } = planCache(sizes, cacheBytes, target.boundary);
  const context: LoadContext = {
    samples,
    height,
    width,
    fit,
    zoom,
    target,
    seed,
    augment: augment ? checkAugmentOptions(augment === true ? {} : augment) : undefined,
    mean,
    std,
    maxPixels,
    cache: new SharedArrayBuffer(bytes),
    slots,
    cached: new SharedArrayBuffer(slots.length * 4),
  };
  const pool = workers > 0 ? startPool(context, workers) : undefined;
  const batchesPerEpoch = dropLast
    ? Math.floor(samples.length / batchSize)
    : Math.ceil(samples.length / batchSize);

  let closed = false;

  async function load(task: LoadTask): Promise<Batch> {
    if (closed) throw new ArgumentError("loader: must be open to make batches, got a closed one");
    if (pool === undefined) return loadBatch(context, task);
    const answer = await pool.run(task);
    if ("error" in answer) throw new DataError(answer.error);
    return answer.batch;
  }

  async function loadShare(
    epoch: number,
    indices: readonly number[],
    places: readonly number[],
  ): Promise<Batch> {
    const batch = await load({ epoch, indices: places.map((place) => indices[place]!) });
    return { ...batch, whole: indices.length };
  }

  async function* epoch(n: number): AsyncGenerator<Batch, void, undefined> {
    mustBeWhole("epoch", n, 0);
    const inOrder = samples.map((_, index) => index);
    const order = shuffle ? Random.of(seed, "shuffle", n).shuffled(inOrder) : inOrder;
    const ahead = Math.max(1, 2 * workers);
    const pending: Promise<Batch>[] = [];
    let next = 0;
    const fill = () => {
      for (; next < batchesPerEpoch && pending.length < ahead; next++) {
        const indices = order.slice(next * batchSize, (next + 1) * batchSize);
        const batch = share
          ? loadShare(n, indices, share(next, indices.length))
          : load({ epoch: n, indices });
        // Whoever awaits it sees the error; a batch that nobody takes must not end the process.
        batch.catch(() => undefined);
        pending.push(batch);
      }
    };
    fill();
    while (pending.length > 0) {
      const batch = await pending.shift()!;
      // With workers the next batches are under way while the caller uses this one.
      if (pool !== undefined) fill();
      yield batch;
      fill();
    }
  }

  async function close(): Promise<void> {
    closed = true;
    // Waits for what is being loaded: a worker that answered after the pool is gone would end the process.
    await pool?.close({ force: true });
    await pool?.destroy();
  }

  return { batchesPerEpoch, epoch, close };
}

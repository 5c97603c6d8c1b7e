/** Batches from image files: alone, beside the training of `compact`, and from a set larger than the cache. */
import { link, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createLoader, type LoaderOptions } from "../src/data/loader/createLoader.node.ts";
import { openDataset } from "../src/data/openDataset.node.ts";
import { writePhantoms } from "../src/data/phantoms/writePhantoms.node.ts";
import { InternalError } from "../src/base/errors.ts";
import { presets } from "../src/run/presets.ts";
import { createNetworkModel } from "../src/network/networkModel.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import {
  sessionOptions,
  type BenchCase,
  type BenchOptions,
  type Benchmark,
  type Measurement,
} from "./benchmark.ts";
import { measure, secondsOf } from "./measure.ts";
import { drawWeights, subject } from "./networks.ts";

/** Sides of the files and of the batches, pixels. */
const [FILE_SIDE, SIDE] = [512, 256];

/** A folder of phantoms, gone when `work` is done. */
async function withPhantoms<T>(
  count: number,
  size: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sgdc-bench-"));
  try {
    await writePhantoms(folder, { count, size, seed: 0 });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const caseOf = (name: string, threads: { readonly workers?: number }): BenchCase => ({
  name,
  run: ({ quick }: BenchOptions): Promise<Measurement> =>
    withPhantoms(quick ? 16 : 64, FILE_SIDE, async (folder) => {
      const { train: samples } = await openDataset(folder);
      const images = samples.length;
      const size = [SIDE, SIDE] as const;
      const batches = { samples, size, batchSize: 4, seed: 0, augment: true, shuffle: true };
      const loader = createLoader({ ...batches, ...threads });
      let number = 0;
      const epoch = async (): Promise<void> => {
        const taken = loader.epoch(number++);
        while (!(await taken.next()).done);
      };
      // The first epoch decodes the files (and starts the threads), later ones find them resized in memory.
      const first = await measure(epoch, { repeats: 1, warmUp: 0 });
      const later = await measure(epoch, { repeats: quick ? 3 : 8, warmUp: 1 });
      await loader.close();
      return {
        rows: [
          { name: "first epoch, with decoding", timing: first, images },
          { name: "later epochs", timing: later, images },
        ],
      };
    }),
});

/** Steps of `compact` on one batch again and again, and on batches as they come. */
const besideTraining: BenchCase = {
  name: "beside the training of compact at 128",
  run: (options) =>
    withPhantoms(options.quick ? 32 : 128, FILE_SIDE, async (folder) => {
      const { batchSize } = presets.compact.training;
      const compact = subject("compact", 128, batchSize);
      const { network, size } = compact;
      const { train: samples } = await openDataset(folder);
      const loading: LoaderOptions = {
        samples,
        size: [size, size],
        batchSize,
        seed: 0,
        augment: true,
        shuffle: true,
      };
      const model = createNetworkModel(nodeRuntime, {
        network,
        size: [size, size],
        seed: 0,
        start: drawWeights(compact),
        session: sessionOptions(options),
      });
      const loader = createLoader(loading);
      let number = 0;
      let waited = 0;
      const epoch = async (): Promise<void> => {
        const taken = loader.epoch(number++);
        for (;;) {
          const began = performance.now();
          const { value: batch, done } = await taken.next();
          waited += (performance.now() - began) / 1000;
          if (done) break;
          await model.step(batch.images, batch.masks, batchSize, number);
        }
      };
      const first = await measure(epoch, { repeats: 1, warmUp: 0 });
      waited = 0;
      const later = await measure(epoch, { repeats: options.quick ? 1 : 4, warmUp: 0 });
      const fed = waited / later.repeats / later.median;
      const kept = await loader.epoch(number).next();
      await loader.close();
      const batch = kept.value;
      if (!batch) throw new InternalError("bench: an epoch must have a batch, got none");
      const steps = samples.length / batchSize;
      const alone = await measure(
        async () => {
          for (let i = 0; i < steps; i++) {
            await model.step(batch.images, batch.masks, batchSize, i);
          }
        },
        { repeats: options.quick ? 1 : 4, warmUp: 0 },
      );
      await model.dispose();
      const images = samples.length;
      return {
        rows: [
          { name: "steps on one batch, nothing loaded", timing: alone, images },
          { name: "first epoch, with decoding", timing: first, images },
          { name: "later epochs", timing: later, images },
        ],
        facts: [
          { name: "share of later epochs spent waiting for batches", value: 100 * fed, unit: "%" },
        ],
      };
    }),
};

/** Ten thousand images of 256 x 256 take 2.6 GB decoded; the cache may hold a tenth of that. */
const manyImages: BenchCase = {
  name: "ten thousand images, 256 MiB of cache",
  run: ({ quick }) =>
    withPhantoms(16, SIDE, async (folder) => {
      const count = quick ? 500 : 10_000;
      const all = await multiply(folder, count);
      const heldBefore = process.memoryUsage().rss;
      const { train: samples } = await openDataset(all);
      const loader = createLoader({
        samples,
        size: [SIDE, SIDE],
        batchSize: 16,
        seed: 0,
        augment: true,
        shuffle: true,
        cacheBytes: 2 ** 28,
      });
      let most = 0;
      const seconds = await secondsOf(async () => {
        const epoch = loader.epoch(0);
        while (!(await epoch.next()).done) most = Math.max(most, process.memoryUsage().rss);
      });
      await loader.close();
      return {
        rows: [
          {
            name: "one epoch",
            timing: { minimum: seconds, median: seconds, repeats: 1, warmUp: [] },
            images: samples.length,
          },
        ],
        facts: [
          { name: "memory before", value: heldBefore, unit: "bytes" },
          { name: "most memory during the epoch", value: most, unit: "bytes" },
        ],
      };
    }),
};

/** Hard links to the pairs of a folder, `count` of them, in the folder `all` inside it. */
async function multiply(folder: string, count: number): Promise<string> {
  const { train } = await openDataset(folder);
  const all = join(folder, "all");
  for (const part of ["images", "masks"]) {
    await mkdir(join(all, part), { recursive: true });
    for (let i = 0; i < count; i++) {
      const file = join(folder, part, basename(train[i % train.length]!.image));
      await link(file, join(all, part, `${String(i).padStart(5, "0")}.png`));
    }
  }
  return all;
}

export const loader: Benchmark = {
  name: "loader",
  about: `augmented batches from files: alone, beside the training, from many`,
  countsArithmetic: false,
  cases: ({ quick }) => [
    caseOf("default number of threads", {}),
    ...(quick ? [] : [caseOf("in the calling thread", { workers: 0 })]),
    besideTraining,
    manyImages,
  ],
};

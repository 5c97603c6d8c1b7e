/** Batches from image files: reading, resizing, augmenting, normalising, beside the training and without it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLoader } from "../src/data/createLoader.node.ts";
import { openDataset } from "../src/data/openDataset.node.ts";
import { writePhantoms } from "../src/data/writePhantoms.node.ts";
import type { BenchCase, BenchOptions, Benchmark, Measurement } from "./benchmark.ts";
import { measure } from "./measure.ts";

/** Sides of the files and of the batches, pixels. */
const [FILE_SIDE, SIDE] = [512, 256];

const caseOf = (name: string, threads: { readonly workers?: number }): BenchCase => ({
  name,
  async run({ quick }: BenchOptions): Promise<Measurement> {
    const count = quick ? 16 : 64;
    const folder = await mkdtemp(join(tmpdir(), "sgdc-bench-"));
    try {
      await writePhantoms(folder, { count, size: FILE_SIDE, seed: 0 });
      const { train: samples } = await openDataset(folder);
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
          { name: "first epoch, with decoding", timing: first, images: count },
          { name: "later epochs", timing: later, images: count },
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

export const loader: Benchmark = {
  name: "loader",
  about: `augmented batches of 4 at ${SIDE} x ${SIDE} from PNG files of ${FILE_SIDE} x ${FILE_SIDE}`,
  countsArithmetic: false,
  cases: ({ quick }) => [
    caseOf("default number of threads", {}),
    ...(quick ? [] : [caseOf("in the calling thread", { workers: 0 })]),
  ],
};

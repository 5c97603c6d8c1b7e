import { describe, expect, it } from "vitest";
import { fakeModel, fakeSource } from "../../test/helpers/fakeModel.ts";
import { ranksInMemory } from "../../test/helpers/ranksInMemory.ts";
import { DataError, NumericError } from "../base/errors.ts";
import type { BatchSource, TrainingModel } from "../network/trainingModel.ts";
import { fit, type FitArguments, type FitSettings } from "./fit.ts";
import { alone, tell, together, wasTold, type Ranks } from "./ranks.ts";
import { memoryStore, type MemoryStore } from "./runStore.ts";
import { sumOverRanks } from "./sumOverRanks.ts";
import { shareOfBatch } from "./trainBatch.ts";

const size = 16;
const settings: FitSettings = {
  epochs: 2,
  optimizer: { name: "adamW", weightDecay: 0.01 },
  learningRate: 0.2,
  schedule: { name: "constant" },
  seed: 1,
  size,
  channels: 1,
  microBatch: 2,
  clipNorm: 1,
  ema: 0.9,
};

/** The batches of a source, of each the images at some places. */
function shared(
  source: BatchSource,
  share: (batch: number, count: number) => readonly number[],
): BatchSource {
  return {
    batchesPerEpoch: source.batchesPerEpoch,
    async *epoch(n) {
      let batch = 0;
      for await (const { names, images, masks } of source.epoch(n)) {
        const places = share(batch++, names.length);
        const cut = (data: Float32Array): Float32Array<ArrayBuffer> => {
          const each = data.length / names.length;
          const parts = places.map((p) => data.subarray(p * each, (p + 1) * each));
          return Float32Array.from(parts.flatMap((part) => [...part]));
        };
        yield {
          whole: names.length,
          names: places.map((place) => names[place]!),
          images: cut(images),
          masks: cut(masks),
        };
      }
    },
  };
}

type More = Partial<FitArguments> & { readonly batch?: number };

/** Trains with these ranks. @returns the store of rank 0 */
async function train(all: readonly Ranks[], more: (rank: number) => More = () => ({})) {
  const stores = all.map(() => memoryStore());
  const results = await Promise.allSettled(
    all.map(async (ranks) => {
      const { batch = 6, ...given } = more(ranks.rank);
      const everything = (_: number, count: number) => Array.from({ length: count }, (__, i) => i);
      const validated = (b: number, count: number) =>
        b % ranks.size === ranks.rank ? everything(b, count) : [];
      return together(ranks, async (done) => {
        const result = await fit({
          settings,
          model: fakeModel(size),
          training: shared(fakeSource(size, 12, batch), (_, count) =>
            shareOfBatch(count, settings.microBatch!, ranks),
          ),
          validation: shared(fakeSource(size, 5, 1), validated),
          store: stores[ranks.rank]!,
          ranks,
          ...given,
        });
        await done();
        return result;
      });
    }),
  );
  return { stores, results };
}

/** Everything but times. */
function resultOf({ last, best, history }: MemoryStore): unknown {
  const log = history.map((r) => ({ ...r, seconds: 0, imagesPerSecond: 0 }));
  const { epoch, step, sums, lastLoss } = last!.progress;
  return { log, at: [epoch, step, sums, lastLoss], last: last!.tensors, best: best!.tensors };
}

describe("a training of several ranks", () => {
  it("gives the bits of one process with the same micro-batches, whatever the number of ranks", async () => {
    const one = resultOf((await train([alone])).stores[0]!);
    // 3 micro-batches a batch: shared evenly, unevenly, and with a rank that has none.
    for (const count of [3, 2, 4]) {
      const { stores, results } = await train(ranksInMemory(count));
      expect(results.map(({ status }) => status)).toEqual(results.map(() => "fulfilled"));
      for (const store of stores) expect(resultOf(store)).toEqual(one);
    }
  });

  it("ends everywhere after the step under way when one rank is interrupted, and goes on with another number of ranks", async () => {
    const one = resultOf((await train([alone])).stores[0]!);
    const controller = new AbortController();
    const { stores, results } = await train(ranksInMemory(3), (rank) => ({
      ...(rank === 2 && {
        signal: controller.signal,
        events: {
          onStep: () => {
            controller.abort();
          },
        },
      }),
    }));
    for (const result of results)
      expect(result).toMatchObject({ value: { status: "interrupted" } });
    const { last } = stores[0]!;
    expect([last!.progress.epoch, last!.progress.step]).toEqual([0, 1]);
    const resumed = await train(ranksInMemory(2), () => ({ resume: last }));
    expect(resultOf(resumed.stores[0]!)).toEqual(one);
  });

  it("ends on all ranks with the error of the one that has it, and keeps the last checkpoint", async () => {
    let steps = 0;
    const spoilt = (): TrainingModel => {
      const model = fakeModel(size);
      return {
        ...model,
        async step(...given) {
          const result = await model.step(...given);
          return ++steps === 3 ? { ...result, terms: { total: NaN } } : result;
        },
      };
    };
    const { stores, results } = await train(ranksInMemory(3), (rank) =>
      rank === 1 ? { model: spoilt() } : {},
    );
    const errors = results.map((result) => (result as PromiseRejectedResult).reason as Error);
    for (const error of errors) {
      expect(error).toBeInstanceOf(NumericError);
      expect(wasTold(error)).toBe(true);
    }
    expect(errors[0]!.message).toMatch(
      /^loss is NaN at step 3 \(0\.\d+ at step 2\); batch: img_\d+, img_\d+; the last good checkpoint is in memory \(rank 1\)$/,
    );
    expect(stores[0]!.last!.progress.epoch).toBe(1);
  });

  it("does not wait for a rank that cannot read or write", async () => {
    const full = new DataError("disk: must have room, got none");
    const { results } = await train(ranksInMemory(2), (rank) => ({
      ...(rank === 0 && { store: { ...memoryStore(), saveLast: () => Promise.reject(full) } }),
    }));
    expect(results[0]).toMatchObject({ status: "rejected", reason: full });
    expect(results[1]).toMatchObject({
      reason: { message: "disk: must have room, got none (rank 0)", code: "SGDC_DATA" },
    });
  });
});

describe("together", () => {
  it("lets a rank fail on its own once all are done", async () => {
    const [first, second] = ranksInMemory(2);
    const failing = together(first!, async (done) => {
      await done();
      throw new Error("alone");
    });
    await together(second!, (done) => done());
    await expect(failing).rejects.toThrow(/^alone$/);
  });

  it("gives values back in the order of ranks", async () => {
    const all = await Promise.all(ranksInMemory(3).map((ranks) => tell(ranks, 10 * ranks.rank)));
    expect(all).toEqual([
      [0, 10, 20],
      [0, 10, 20],
      [0, 10, 20],
    ]);
  });
});

describe("sumOverRanks", () => {
  it("adds from the left in the order of ranks, however it is cut into buckets", async () => {
    // 1e8 + 1 - 1e8 in float32 is 0 from the left, 1 in another order.
    const of = [1e8, 1, -1e8];
    for (const bucket of [1, 2, 5, 100]) {
      const sums = await Promise.all(
        ranksInMemory(3).map(async (ranks) => {
          const value = of[ranks.rank]!;
          const gradients = new Map([
            ["a", new Float32Array(4).fill(value)],
            ["b", new Float32Array(3).fill(-value)],
          ]);
          const sum = sumOverRanks(ranks, gradients, bucket);
          await sum.add(gradients, [1, 1, 1], true);
          return sum.finish();
        }),
      );
      for (const sum of sums) {
        expect([...sum.get("a")!]).toEqual([0, 0, 0, 0]);
        expect([...sum.get("b")!]).toEqual([0, 0, 0]);
      }
    }
  });
});

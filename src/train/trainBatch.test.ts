import { describe, expect, it } from "vitest";
import { microBatchSizes, trainBatch, type BatchMemory } from "./trainBatch.ts";
import type { TrainingModel } from "../network/trainingModel.ts";

/** Loss = mean over images of the first pixel times w; so d loss / d w = mean of the first pixels. */
function linearModel(each: number, w = 2): TrainingModel & { seen: number[] } {
  const seen: number[] = [];
  return {
    seen,
    parameters: new Map([["w", Float32Array.of(w)]]),
    buffers: new Map(),
    shapes: new Map([["w", [1]]]),
    step(images, _masks, count) {
      seen.push(count);
      let sum = 0;
      for (let n = 0; n < count; n++) sum += images[n * each]!;
      const total = (w * sum) / count;
      return Promise.resolve({
        terms: { total },
        gradients: new Map([["w", Float32Array.of(sum / count)]]),
        statistics: [],
      });
    },
    evaluate: () => Promise.reject(new Error("not used")),
    dispose: () => Promise.resolve(),
  };
}

const batchOf = (firsts: number[]) => ({
  names: firsts.map((_, i) => `img_${i}`),
  images: Float32Array.from(firsts.flatMap((v) => [v, 9, 9])),
  masks: new Float32Array(firsts.length),
});

describe("microBatchSizes", () => {
  it("cuts evenly, and never leaves an image alone", () => {
    expect(microBatchSizes(16, 0)).toEqual([16]);
    expect(microBatchSizes(16, 4)).toEqual([4, 4, 4, 4]);
    expect(microBatchSizes(5, 4)).toEqual([2, 3]);
    expect(microBatchSizes(3, 2)).toEqual([3]);
    expect(microBatchSizes(7, 2)).toEqual([2, 2, 3]);
    expect(microBatchSizes(1, 4)).toEqual([1]);
  });
});

describe("trainBatch", () => {
  it("weights micro-batches by their images, so that means are those of the batch", async () => {
    const firsts = [1, 2, 4, 8, 16];
    const sums = {};
    const model = linearModel(3);
    // Twice, because the sums of the first call must not leak into the second.
    await trainBatch(model, batchOf([100, 200, 300, 400, 500]), 2, sums, [0], "at step 1");
    const { terms, gradients } = await trainBatch(
      model,
      batchOf(firsts),
      2,
      sums,
      [0],
      "at step 2",
    );
    expect(model.seen).toEqual([2, 3, 2, 3]);
    expect(gradients.get("w")![0]).toBeCloseTo(31 / 5, 5);
    expect(terms["total"]).toBeCloseTo((2 * 31) / 5, 5);
  });

  it("hands on the gradients of a whole batch without copying", async () => {
    const memory: BatchMemory = {};
    const { gradients } = await trainBatch(
      linearModel(3),
      batchOf([1, 3]),
      0,
      memory,
      [0],
      "at step 1",
    );
    expect(gradients.get("w")![0]).toBe(2);
    expect(memory.sums).toBeUndefined();
  });

  it("names only the images of the micro-batch whose loss is not finite", async () => {
    const batch = batchOf([1, 2, NaN, 4]);
    await expect(trainBatch(linearModel(3), batch, 2, {}, [0], "at step 7")).rejects.toThrow(
      /^loss is NaN at step 7; batch: img_2, img_3$/,
    );
  });
});

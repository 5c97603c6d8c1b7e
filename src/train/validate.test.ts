import { describe, expect, it } from "vitest";
import type { BatchSource, TrainingModel } from "../network/trainingModel.ts";
import { validate } from "./validate.ts";

/** Gives the images' first planes as probabilities, and their first pixel as the loss. */
const echo: Pick<TrainingModel, "evaluate"> = {
  evaluate(images, _masks, count) {
    const probabilities = new Float32Array(count * 4);
    let total = 0;
    for (let n = 0; n < count; n++) {
      probabilities.set(images.subarray(n * 12, n * 12 + 4), n * 4);
      total += images[n * 12]! / count;
    }
    return Promise.resolve({ terms: { total }, probabilities });
  },
};
const model: TrainingModel = {
  ...echo,
  parameters: new Map(),
  buffers: new Map(),
  shapes: new Map(),
  step: () => Promise.reject(new Error("not used")),
  dispose: () => Promise.resolve(),
};

/** Batches of 2 x 2 images given as [probabilities, mask]. */
function sourceOf(...batches: [number[], number[]][][]): BatchSource {
  return {
    batchesPerEpoch: batches.length,
    async *epoch() {
      for (const batch of batches) {
        const images = new Float32Array(batch.length * 12);
        batch.forEach(([values], n) => {
          images.set(values, n * 12);
        });
        const masks = Float32Array.from(batch.flatMap(([, mask]) => mask));
        yield await Promise.resolve({ names: batch.map((_, n) => `img_${n}`), images, masks });
      }
    },
  };
}

const binary = { size: 2, channels: 1, place: "in validation" };

describe("validate", () => {
  it("averages over images, whatever the batches", async () => {
    const perfect: [number[], number[]] = [
      [0.9, 0.1, 0.5, 0.49],
      [1, 0, 1, 0],
    ]; // Dice 1, IoU 1
    const half: [number[], number[]] = [
      [0.6, 0.6, 0, 0],
      [1, 0, 0, 0],
    ]; // Dice 2/3, IoU 1/2
    const none: [number[], number[]] = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]; // both empty: 1
    const scores = await validate(model, sourceOf([perfect, half], [none]), binary);
    expect(scores.dice).toBeCloseTo((1 + 2 / 3 + 1) / 3, 12);
    expect(scores.iou).toBeCloseTo((1 + 1 / 2 + 1) / 3, 12);
    expect(scores.loss).toBeCloseTo((0.9 + 0.6 + 0) / 3, 6);
  });

  it("names the images of a batch whose loss is not finite", async () => {
    const bad: [number[], number[]] = [
      [NaN, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    await expect(
      validate(model, sourceOf([bad]), { ...binary, place: "in validation after epoch 3" }),
    ).rejects.toThrow(/^loss is NaN in validation after epoch 3; batch: img_0$/);
  });

  it("pools the pixels of each of several classes, and averages the classes that occur", async () => {
    // Background and three classes over 1 image of 2 x 2; the probabilities are what the model is given.
    const given: TrainingModel = {
      ...model,
      evaluate: () =>
        Promise.resolve({
          terms: { total: 1 },
          probabilities: Float32Array.from(
            [
              [0.9, 0.1, 0.1, 0.1],
              [0, 0.8, 0.2, 0.1],
              [0.1, 0.1, 0.7, 0.8],
              [0, 0, 0, 0],
            ].flat(),
          ),
        }),
    };
    // Truth: background, 1, 1, 2. Predicted: background, 1, 2, 2. A boundary plane follows.
    const masks = [
      [1, 0, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ].flat();
    const source = sourceOf([[[0, 0, 0, 0], masks]]);
    const scores = await validate(given, source, { ...binary, channels: 4 });
    expect(scores).toEqual({ loss: 1, dice: 2 / 3, iou: 1 / 2 });
  });
});

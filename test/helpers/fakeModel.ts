/** A training model without the engine: logistic regression on each pixel's colour, in plain loops. */
import { Random } from "../../src/base/random.ts";
import type { BatchSource, TrainingModel } from "../../src/network/trainingModel.ts";

/**
 * p = s(sum over c of w[c] (x[c] - m[c]) + b), total = mean binary cross-entropy; `m` is the running
 * mean of the colours (momentum 0.1), so that buffers matter to the result; in training it is 0, as a network then normalises
 * with what it sees.
 *
 * @param size  height and width
 */
export function fakeModel(size: number, seed = 1): TrainingModel {
  const random = new Random(seed);
  const weight = Float32Array.from({ length: 3 }, () => random.uniform(-1, 1));
  const bias = new Float32Array(1);
  const mean = new Float32Array(3);
  const area = size * size;

  const forward = (
    images: Float32Array,
    masks: Float32Array,
    count: number,
    mean: Float32Array,
  ) => {
    const probabilities = new Float32Array(count * area);
    const gradW = new Float32Array(3);
    const gradB = new Float32Array(1);
    let total = 0;
    for (let n = 0; n < count; n++) {
      const start = n * 3 * area;
      for (let i = start; i < start + area; i++) {
        // Plain loops: tests wait for them.
        const red = images[i]! - mean[0]!;
        const green = images[i + area]! - mean[1]!;
        const blue = images[i + 2 * area]! - mean[2]!;
        const logit = bias[0]! + weight[0]! * red + weight[1]! * green + weight[2]! * blue;
        const at = n * area + i - start;
        const t = masks[at]!;
        const p = 1 / (1 + Math.exp(-logit));
        probabilities[at] = p;
        total += Math.max(logit, 0) - logit * t + Math.log1p(Math.exp(-Math.abs(logit)));
        const slope = (p - t) / (count * area);
        gradW[0]! += slope * red;
        gradW[1]! += slope * green;
        gradW[2]! += slope * blue;
        gradB[0]! += slope;
      }
    }
    const gradients = new Map([
      ["head.weight", gradW],
      ["head.bias", gradB],
    ]);
    return { terms: { total: total / (count * area) }, gradients, probabilities };
  };

  return {
    parameters: new Map([
      ["head.weight", weight],
      ["head.bias", bias],
    ]),
    buffers: new Map([["norm.running_mean", mean]]),
    shapes: new Map([
      ["head.weight", [1, 3]],
      ["head.bias", [1]],
      ["norm.running_mean", [3]],
    ]),
    step(images, masks, count, seed) {
      const result = forward(images, masks, count, new Float32Array(3));
      // Stands for dropout: a wrong seed after resuming would show in every later number.
      const noise = new Random(seed);
      for (const gradient of result.gradients.values()) {
        for (let i = 0; i < gradient.length; i++) gradient[i]! *= noise.uniform(0.9, 1.1);
      }
      const fresh = new Float32Array(3);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let n = 0; n < count; n++) {
          for (let i = 0; i < area; i++) sum += images[(n * 3 + c) * area + i]!;
        }
        fresh[c] = (0.1 * sum) / (count * area);
      }
      const statistics = [{ name: "norm.running_mean", decay: 0.9, fresh }];
      return Promise.resolve({ ...result, statistics });
    },
    evaluate: (images, masks, count) => Promise.resolve(forward(images, masks, count, mean)),
    dispose: () => Promise.resolve(),
  };
}

/**
 * Batches of noise in which red pixels are foreground; every epoch has its own order and noise.
 *
 * @param onBatch  called before a batch is given out
 */
export function fakeSource(
  size: number,
  images: number,
  batchSize: number,
  onBatch: (epoch: number, step: number) => void | Promise<void> = () => undefined,
): BatchSource {
  const area = size * size;
  const batchesPerEpoch = Math.floor(images / batchSize);
  return {
    batchesPerEpoch,
    async *epoch(n) {
      const order = Random.of("order", n).shuffled(Array.from({ length: images }, (_, i) => i));
      for (let step = 0; step < batchesPerEpoch; step++) {
        await onBatch(n, step);
        const chosen = order.slice(step * batchSize, (step + 1) * batchSize);
        const pixels = new Float32Array(batchSize * 3 * area);
        const masks = new Float32Array(batchSize * area);
        chosen.forEach((index, k) => {
          const random = Random.of("image", n, index);
          for (let i = 0; i < area; i++) {
            const red = random.normal();
            pixels[k * 3 * area + i] = red;
            pixels[(k * 3 + 1) * area + i] = random.normal();
            pixels[(k * 3 + 2) * area + i] = random.normal();
            masks[k * area + i] = red + 0.3 * random.normal() > 0 ? 1 : 0;
          }
        });
        yield { names: chosen.map((i) => `img_${i}`), images: pixels, masks };
      }
    },
  };
}

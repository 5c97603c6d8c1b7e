/** The smallest network with every module of SGD-Net, and phantoms as batches: seconds on the real engine. */
import { createOptimizer, type Optimizer } from "../../../src/optim/optimizer.ts";
import { normaliseImage } from "../../../src/data/loader/networkInput.ts";
import { makePhantom } from "../../../src/data/phantoms/phantom.ts";
import { sgdNetEntry } from "../../../src/models/sgdNet.ts";
import type { ChosenNetwork } from "../../../src/network/facts.ts";
import { nodeRuntime } from "../../../src/runtime/nodeRuntime.node.ts";
import { createNetworkModel, type NetworkModelOptions } from "../../../src/network/networkModel.ts";
import type { TrainingModel } from "../../../src/network/trainingModel.ts";
import { trainBatch, type BatchMemory } from "../../../src/train/trainBatch.ts";

export const tinyNetwork: ChosenNetwork = {
  network: sgdNetEntry,
  options: {
    encoder: { stem: [8, 8, 16], blocks: [1, 1, 1, 1], planes: [8, 8, 8, 8], baseWidth: 64 },
    sge: { bottleneck: 16, mid: 16, guidanceChannels: 4 },
    sgdc: { mlpRatio: 1 },
    decoderChannels: 16,
    dropoutRate: 0,
  },
};

/** Height and width of all pictures here. */
export const size = 64;

export const tinyModel = (options: Partial<NetworkModelOptions> = {}): TrainingModel =>
  createNetworkModel(nodeRuntime, {
    network: tinyNetwork,
    size: [size, size],
    seed: 1,
    ...options,
  });

export interface PhantomBatch {
  readonly images: Float32Array;
  readonly masks: Float32Array;
  readonly count: number;
}

export function phantomBatch(count: number, seed = 0): PhantomBatch {
  const images = new Float32Array(count * 3 * size * size);
  const masks = new Float32Array(count * size * size);
  for (let index = 0; index < count; index++) {
    const { image, mask } = makePhantom({ seed, index, size });
    normaliseImage(image, images, index * 3 * size * size);
    masks.set(mask.data, index * size * size);
  }
  return { images, masks, count };
}

/** Trains on one batch with Adam, and gives the loss of every step. */
export async function descend(
  model: TrainingModel,
  { images, masks, count }: PhantomBatch,
  steps: number,
  learningRate = 3e-3,
): Promise<number[]> {
  const optimizer: Optimizer = createOptimizer({ name: "adam" }, model.parameters);
  const losses: number[] = [];
  const names = Array.from({ length: count }, (_, index) => String(index));
  const memory: BatchMemory = {};
  for (let step = 0; step < steps; step++) {
    const batch = { names, images: images.slice(), masks: masks.slice() };
    const { terms, gradients } = await trainBatch(model, batch, count, memory, [step], "here");
    optimizer.step(gradients, learningRate);
    losses.push(terms["total"]!);
  }
  return losses;
}

/** Mean Dice of probabilities, thresholded at a half, against masks. */
export function meanDice(probabilities: Float32Array, { masks, count }: PhantomBatch): number {
  const area = size * size;
  let total = 0;
  for (let n = 0; n < count; n++) {
    let [both, either] = [0, 0];
    for (let i = n * area; i < (n + 1) * area; i++) {
      const predicted = probabilities[i]! >= 0.5 ? 1 : 0;
      both += predicted * masks[i]!;
      either += predicted + masks[i]!;
    }
    total += either === 0 ? 1 : (2 * both) / either;
  }
  return total / count;
}

/** Copies of all arrays by name. */
export const snapshot = (arrays: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> =>
  new Map([...arrays].map(([name, data]) => [name, data.slice()]));

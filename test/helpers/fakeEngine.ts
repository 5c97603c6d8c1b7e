/** An engine without ONNX Runtime, over `fakeModel`, and a folder of images that it can learn. */
import { join } from "node:path";
import { writeImagePng, writeMaskPng } from "../../src/data/formats/writePng.node.ts";
import { Random } from "../../src/base/random.ts";
import type { Engine } from "../../src/network/engine.ts";
import { channelsOf } from "../../src/network/facts.ts";
import type { Predictor } from "../../src/predict/predictor.ts";
import { fakeModel } from "./fakeModel.ts";

/** Counts what was opened and not yet disposed of, so that tests can see leaks. */
export interface FakeEngine extends Engine {
  open: number;
}

export function fakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    open: 0,
    openTrainingModel({ facts, seed }) {
      engine.open++;
      const model = fakeModel(facts.input.size, seed);
      let disposed = false;
      const dispose = (): Promise<void> => {
        if (!disposed) engine.open--;
        disposed = true;
        return Promise.resolve();
      };
      return Promise.resolve({ ...model, dispose });
    },
    openPredictor({ input, labels }, weights, { maps }) {
      engine.open++;
      const { size } = input;
      const channels = channelsOf(labels.classes);
      const model = fakeModel(size);
      for (const [name, data] of [...model.parameters, ...model.buffers]) {
        data.set(weights.get(name)!.data);
      }
      const area = size * size;
      const predictor: Predictor = {
        channels,
        size,
        async predict(images, count) {
          const truths = new Float32Array(count * area);
          const { probabilities: first } = await model.evaluate(images, truths, count);
          const probabilities = new Float32Array(count * channels * area);
          for (let i = 0; i < probabilities.length; i++) {
            const n = Math.floor(i / (channels * area));
            const p = first[n * area + (i % area)]!;
            probabilities[i] = Math.floor(i / area) % channels === 0 ? p : 1 - p;
          }
          if (!maps) return { probabilities };
          const guidance = new Float32Array(count * 2 * 4).map((_, i) => i - 4);
          return {
            probabilities,
            maps: { edge: first, guidance: { data: guidance, shape: [2, 2, 2] } },
          };
        },
        dispose() {
          engine.open--;
          return Promise.resolve();
        },
      };
      return Promise.resolve(predictor);
    },
    inspectNetwork({ input: { size } }, batch) {
      const macs = { layers: 3 * size ** 2, products: 0 };
      return Promise.resolve({
        parameters: 4,
        macs,
        notes: {
          parameters: [{ what: "a bias that nothing uses", value: 2 }],
          macs: [{ what: "a dense kernel", value: 2e9 }],
        },
        memory: { weights: 16, trainingBatch: batch, training: 2 ** 20, prediction: 2 ** 20 },
        layers: [{ name: "head", output: [1, size, size], parameters: 4, ...macs }],
      });
    },
    probeDevices: () =>
      Promise.resolve([
        { device: "cpu", available: true, detail: "2 threads" },
        { device: "cuda", available: false, detail: "no library" },
      ]),
  };
  return engine;
}

/**
 * Writes grey pictures with a red rectangle each, and its mask, to `folder/images` and `folder/masks`.
 *
 * @returns names, `img_0` and so on
 */
export async function writeRectangles(folder: string, count: number, seed = 0): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < count; n++) {
    const random = Random.of("rectangles", seed, n);
    const [width, height] = [60 + random.int(30), 50 + random.int(30)];
    const image = new Uint8Array(width * height * 3).map(() => 90 + random.int(30));
    const mask = new Uint8Array(width * height);
    const [left, top] = [5 + random.int(20), 5 + random.int(15)];
    for (let y = top; y < top + 20; y++) {
      for (let x = left; x < left + 25; x++) {
        mask[y * width + x] = 1;
        image[(y * width + x) * 3] = 220;
      }
    }
    const name = `img_${n}`;
    await writeImagePng(join(folder, "images", `${name}.png`), { width, height, data: image });
    await writeMaskPng(join(folder, "masks", `${name}.png`), { width, height, data: mask });
    names.push(name);
  }
  return names;
}

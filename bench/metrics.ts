/** Scoring: every metric of one pair of masks, or of instance maps. */
import { makePhantom } from "../src/data/phantoms/phantom.ts";
import { scoreInstances } from "../src/metrics/scoreInstances.ts";
import { scorePair } from "../src/metrics/scorePair.ts";
import { Random } from "../src/base/random.ts";
import type { Labels, Mask } from "../src/tensor/raster.ts";
import type { BenchCase, BenchOptions, Benchmark, Measurement } from "./benchmark.ts";
import { measure } from "./measure.ts";

const SIDE = 512;

const phantomMask = (index: number): Mask => makePhantom({ seed: 0, index, size: SIDE }).mask;

/** The mask moved right and down by `by` pixels: a prediction that is nearly right. */
function moved({ width, height, data }: Mask, by: number): Mask {
  const result = new Uint8Array(data.length);
  for (let y = by; y < height; y++) {
    for (let x = by; x < width; x++) {
      result[y * width + x] = data[(y - by) * width + x - by]!;
    }
  }
  return { width, height, data: result };
}

/** Speckles, the raggedest masks there are: a share of the pixels, drawn one by one. */
function speckles(seed: number, share: number): Mask {
  const random = Random.of(seed, "speckles");
  const data = Uint8Array.from({ length: SIDE * SIDE }, () => (random.chance(share) ? 1 : 0));
  return { width: SIDE, height: SIDE, data };
}

/** One pixel in the corner: the other mask is as far as can be. */
function corner(): Mask {
  const data = new Uint8Array(SIDE * SIDE);
  data[0] = 1;
  return { width: SIDE, height: SIDE, data };
}

/** Nuclei on a grid, some grown together, with ids. */
function nuclei(shift: number): Labels {
  const instances = new Int32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [row, column] = [Math.floor((y + shift) / 16), Math.floor((x + shift) / 16)];
      const [dy, dx] = [((y + shift) % 16) - 8, ((x + shift) % 16) - 8];
      if (dy * dy + dx * dx < 60) instances[y * SIDE + x] = 1 + row * 40 + column;
    }
  }
  return { width: SIDE, height: SIDE, instances, classes: Uint8Array.from(instances, Math.sign) };
}

const caseOf = (name: string, make: () => [prediction: Mask, truth: Mask]): BenchCase => ({
  name,
  async run({ quick }: BenchOptions): Promise<Measurement> {
    const [prediction, truth] = make();
    const timing = await measure(() => scorePair(prediction, truth), {
      repeats: quick ? 20 : 200,
      warmUp: 5,
    });
    return {
      rows: [{ name: "all metrics of a pair", timing, images: 1, target: { seconds: 0.01 } }],
    };
  },
});

const instanceCase: BenchCase = {
  name: "about a thousand nuclei",
  async run({ quick }: BenchOptions): Promise<Measurement> {
    const [prediction, truth] = [nuclei(3), nuclei(0)];
    const timing = await measure(() => scoreInstances(prediction, truth), {
      repeats: quick ? 10 : 50,
      warmUp: 3,
    });
    return { rows: [{ name: "all instance metrics of a pair", timing, images: 1 }] };
  },
};

export const metrics: Benchmark = {
  name: "metrics",
  about: `all metrics of a pair of masks, or of instance maps, of ${SIDE} x ${SIDE}`,
  countsArithmetic: false,
  cases: ({ quick }) => [
    caseOf("a near miss", () => [moved(phantomMask(0), 5), phantomMask(0)]),
    ...(quick
      ? []
      : [
          caseOf("two different lesions", () => [phantomMask(1), phantomMask(2)]),
          caseOf("speckles, half of the pixels", () => [speckles(1, 0.5), speckles(2, 0.5)]),
          caseOf("speckles, one in a hundred", () => [speckles(1, 0.01), speckles(2, 0.01)]),
          caseOf("speckles against one corner", () => [speckles(1, 0.5), corner()]),
          instanceCase,
        ]),
  ],
};

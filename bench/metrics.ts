/** Scoring: every metric of one pair of masks. */
import { makePhantom } from "../src/data/phantom.ts";
import { scorePair } from "../src/metrics/scorePair.ts";
import type { Mask } from "../src/tensor/raster.ts";
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

export const metrics: Benchmark = {
  name: "metrics",
  about: `all metrics of a pair of masks of ${SIDE} x ${SIDE}`,
  countsArithmetic: false,
  cases: ({ quick }) => [
    caseOf("a near miss", () => [moved(phantomMask(0), 5), phantomMask(0)]),
    ...(quick ? [] : [caseOf("two different lesions", () => [phantomMask(1), phantomMask(2)])]),
  ],
};

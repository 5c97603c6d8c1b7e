import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import { ArgumentError } from "../base/errors.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import {
  affineOf,
  bestAffine,
  quantiseWeights,
  see,
  squaredError,
  type Seen,
} from "./quantisation.ts";

test("256 steps from the least to the largest value, with 0 exactly on one of them", () => {
  expect(affineOf(0, 51)).toEqual({ scale: Math.fround(0.2), zero: 0 });
  // -1 and 1.55 are 255 steps of 0.01 apart.
  expect(affineOf(-1, 1.55)).toEqual({ scale: Math.fround(0.01), zero: 100 });
  // A range beside 0 is widened to it; one of a single value has some scale.
  expect(affineOf(2, 5.1)).toEqual({ scale: Math.fround(0.02), zero: 0 });
  expect(affineOf(-5.1, -2)).toEqual({ scale: Math.fround(0.02), zero: 255 });
  expect(affineOf(0, 0)).toEqual({ scale: 1, zero: 0 });
});

test("the squared error is that of rounding to the nearest step, and of cutting off", () => {
  // Steps of 2 from 0: 1 becomes 2, 3 becomes 4 and 5 becomes 6 (halves go up), 600 becomes 510.
  expect(squaredError([0, 1, 3, 5, 600], { scale: 2, zero: 0 })).toBe(3 + 90 ** 2);
});

test("a lone extreme is cut off where that makes the error smaller, and kept where not", () => {
  const random = new Random(4);
  const sample = Array.from({ length: 60_000 }, () => random.next());
  const seen: Seen = { least: 0, most: 1, sample };
  expect(bestAffine(seen)).toEqual(affineOf(0, 1));
  see(seen, Float32Array.of(1.1));
  expect([seen.most, bestAffine(seen)]).toEqual([Math.fround(1.1), affineOf(0, 0.95 * seen.most)]);
});

test("of a large map a spread sample is kept, and all of its extremes", () => {
  const values = new Float32Array(100_000).fill(1);
  values[77_777] = -9;
  const seen: Seen = { least: 0, most: 0, sample: [] };
  see(seen, values);
  expect([seen.least, seen.most]).toEqual([-9, 1]);
  expect(seen.sample.length).toBeGreaterThan(1000);
  expect(seen.sample.length).toBeLessThan(4200);
});

test("weights are whole numbers of -63 to 63 by channel, the bias in the unit of the sums", () => {
  const weights = Float32Array.of(0.63, -0.31, 0.004, -6.3, 0, 1.26, 0, 0, 0);
  const bias = Float32Array.of(0.5, -0.02, 7);
  const inputScale = 0.5;
  const made = quantiseWeights(weights, 3, inputScale, bias);
  expect([...made.weights]).toEqual([63, -31, 0, -63, 0, 13, 0, 0, 0]);
  expect(made.scales[0]).toBeCloseTo(0.01, 8);
  expect(made.scales[1]).toBeCloseTo(0.1, 8);
  // A channel without weights still has its bias.
  for (let k = 0; k < 3; k++) {
    const unit = inputScale * made.scales[k]!;
    expect(Math.abs(made.bias![k]! * unit - bias[k]!)).toBeLessThanOrEqual(0.51 * unit);
  }
  expect(made.bias![2]! * inputScale * made.scales[2]!).toBeCloseTo(7, 5);
  expect(quantiseWeights(weights, 3, 1).bias).toBeUndefined();
});

test("weights that do not come in whole channels are refused", () => {
  expectError(
    () => quantiseWeights(new Float32Array(7), 3, 1),
    ArgumentError,
    "quantise: weights must come in 3 channels, got 7 values",
  );
});

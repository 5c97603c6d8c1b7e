import { expect, test } from "vitest";
import {
  expectSame,
  fixture,
  largestDifference,
  plain,
  sample,
} from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { displace, displacementField, elastic, smoothField } from "./elastic.ts";

const { width, height } = fixture;
const { alpha, sigma, noise, fields, moved } = fixture.elastic;

/** [H, W, 2] of two planes. */
const interleaved = (x: readonly number[], y: readonly number[]): Float32Array =>
  Float32Array.from({ length: 2 * x.length }, (_, i) => (i % 2 === 0 ? x : y)[i >> 1]!);

test("the same noise gives Albumentations' field, to float32", () => {
  // One plane twice: the library's two planes would be divided by their common maximum.
  for (const k of [0, 1] as const) {
    const field = smoothField(interleaved(noise[k], noise[k]), width, height, alpha, sigma);
    expect(largestDifference(field, interleaved(fields[k], fields[k]))).toBeLessThan(1e-5);
  }
});

test.each(moved)("the same field moves pixels as Albumentations', border $border", (expected) => {
  expectSame(displace(sample, interleaved(...fields), expected.border), expected);
});

test("strength 0 changes nothing, and the stream decides the rest", () => {
  expect(plain(elastic(sample, new Random(1), 0, 3))).toEqual(plain(sample));
  const first = plain(elastic(sample, new Random(1), 60, 2));
  expect(plain(elastic(sample, new Random(1), 60, 2))).toEqual(first);
  expect(plain(elastic(sample, new Random(2), 60, 2))).not.toEqual(first);
});

test("displacements are as large as documented, and alike within sigma", () => {
  const size = 200;
  // Away from the border, where the repeated outermost noise makes larger ones.
  const [low, high] = [25, size - 25];
  const field = displacementField(new Random(5), size, size, 120, 6);
  let squares = 0;
  let steps = 0;
  for (let y = low; y < high; y++) {
    for (let x = low; x < high; x++) {
      const at = (y * size + x) * 2;
      squares += field[at]! ** 2 + field[at + 1]! ** 2;
      steps += (field[at]! - field[at - 2]!) ** 2 + (field[at + 1]! - field[at - 1]!) ** 2;
    }
  }
  const deviation = Math.sqrt(squares / 2 / (high - low) ** 2);
  expect(Math.abs(deviation / (120 / (15 * 6)) - 1)).toBeLessThan(0.2);
  // From pixel to pixel, a Gaussian filter leaves 1 / (sqrt(2) sigma) of the deviation.
  expect(Math.abs(Math.sqrt(steps / squares) * Math.SQRT2 * 6 - 1)).toBeLessThan(0.15);
});

test("bad strengths are refused", () => {
  expectError(
    () => displacementField(new Random(1), 4, 4, -1, 2),
    ArgumentError,
    "elastic: alpha must be at least 0 and finite, got -1",
  );
  expectError(
    () => displacementField(new Random(1), 4, 4, 1, 0),
    ArgumentError,
    "elastic: sigma must be positive and finite, got 0",
  );
});

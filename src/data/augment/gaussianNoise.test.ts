import { expect, test } from "vitest";
import { fixture } from "../../../test/helpers/augmentationFixture.ts";
import { Random } from "../../base/random.ts";
import { gaussianNoise } from "./gaussianNoise.ts";

const grey = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) };

test("noise has mean 0 and the deviation of Albumentations'", () => {
  const { data } = gaussianNoise(grey, new Random(1), fixture.noise.std);
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
  expect(Math.abs(mean - 128)).toBeLessThan(0.5);
  expect(Math.abs(deviation / fixture.noise.measured - 1)).toBeLessThan(0.03);
});

test("noise follows from the stream, is clamped, and is nothing at deviation 0", () => {
  const noisy = gaussianNoise(grey, new Random(1), 0.1).data;
  expect([...gaussianNoise(grey, new Random(1), 0.1).data]).toEqual([...noisy]);
  expect([...gaussianNoise(grey, new Random(2), 0.1).data]).not.toEqual([...noisy]);
  const wild = gaussianNoise(grey, new Random(1), 1).data;
  expect([Math.min(...wild), Math.max(...wild)]).toEqual([0, 255]);
  expect([...gaussianNoise(grey, new Random(1), 0).data]).toEqual([...grey.data]);
});

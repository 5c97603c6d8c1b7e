import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { imageNetMean, imageNetStd, normaliseImage } from "../loader/networkInput.ts";
import { resizeImage, resizeMap, resizeMask } from "./resize.ts";

/** Made by scripts/fixtures/augmentation.py with Pillow. */
const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/augmentation.json", import.meta.url), "utf8"),
) as {
  readonly width: number;
  readonly height: number;
  readonly image: number[];
  readonly mask: number[];
  readonly resized: readonly {
    readonly width: number;
    readonly height: number;
    readonly image: number[];
    readonly map: number[];
    readonly mask: number[];
  }[];
};

const image = {
  width: fixture.width,
  height: fixture.height,
  data: Uint8Array.from(fixture.image),
};

test.each(fixture.resized)("$width x $height equals Pillow's", ({ width, height, ...expected }) => {
  const ours = resizeImage(image, width, height);
  expect([ours.width, ours.height, ours.data.length]).toEqual([width, height, 3 * width * height]);
  // Pillow rounds to 8 bits between the two directions.
  const gap = Math.max(...expected.image.map((v, i) => Math.abs(v - ours.data[i]!)));
  expect(gap).toBeLessThanOrEqual(1);

  const red = Float32Array.from(image.data.filter((_, i) => i % 3 === 0));
  const map = resizeMap({ ...image, data: red }, width, height).data;
  for (const [i, v] of expected.map.entries()) expect(map[i]!).toBeCloseTo(v, 3);

  const mask = resizeMask({ ...image, data: Uint8Array.from(fixture.mask) }, width, height);
  expect([...mask.data]).toEqual(expected.mask);
});

test("a map is enlarged with half-pixel centres, its border values held", () => {
  const map = { width: 2, height: 1, data: Float32Array.from([0, 1]) };
  expect([...resizeMap(map, 4, 1).data]).toEqual([0, 0.25, 0.75, 1]);
});

test("shrinking averages over the area instead of skipping pixels", () => {
  // Stripes one pixel wide would vanish or fill everything if pixels were skipped.
  const data = Uint8Array.from({ length: 16 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255);
  const { data: small } = resizeImage({ width: 16, height: 1, data }, 4, 1);
  for (const v of small) expect(Math.abs(v - 127.5)).toBeLessThan(20);
});

test("an unchanged size gives the same object", () => {
  expect(resizeImage(image, image.width, image.height)).toBe(image);
});

test("pixels are normalised channel by channel into NCHW", () => {
  const two = { width: 2, height: 1, data: Uint8Array.from([0, 51, 102, 153, 204, 255]) };
  const target = new Float32Array(8).fill(9);
  normaliseImage(two, target, 1);
  const expected = [0, 153, 51, 204, 102, 255].map((v, i) => {
    const c = Math.floor(i / 2);
    return (v / 255 - imageNetMean[c]!) / imageNetStd[c]!;
  });
  for (const [i, v] of expected.entries()) expect(target[1 + i]!).toBeCloseTo(v, 6);
  expect([target[0], target[7]]).toEqual([9, 9]);
});

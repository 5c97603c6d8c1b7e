import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { imageNetMean, imageNetStd, normaliseImage } from "../loader/networkInput.ts";
import { Random } from "../../base/random.ts";
import {
  createRowResizer,
  resizeImage,
  resizeImageRows,
  resizeMap,
  resizeMapRows,
  resizeMask,
} from "./resize.ts";

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

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 60 }),
  height: fc.integer({ min: 1, max: 60 }),
});

test("rows asked for alone, and rows as they come, are those of the whole, bit for bit", () => {
  fc.assert(
    fc.property(
      sizes,
      sizes,
      fc.integer(),
      fc.integer({ min: 1, max: 9 }),
      (from, to, seed, step) => {
        const random = new Random(seed);
        const area = from.width * from.height;
        const map = { ...from, data: Float32Array.from({ length: area }, () => random.next()) };
        const image = {
          ...from,
          data: Uint8Array.from({ length: 3 * area }, () => random.int(256)),
        };
        const whole = resizeMap(map, to.width, to.height).data;
        const picture = resizeImage(image, to.width, to.height).data;
        const start = random.int(to.height);
        const end = start + 1 + random.int(to.height - start);
        const part = (values: number): [number, number] => [
          start * to.width * values,
          end * to.width * values,
        ];
        expect(resizeMapRows(map, to.width, to.height, start, end)).toEqual(
          whole.slice(...part(1)),
        );
        expect(resizeImageRows(image, to.width, to.height, start, end).data).toEqual(
          picture.slice(...part(3)),
        );

        const resizer = createRowResizer(from, to);
        const came: number[] = [];
        for (let y = 0; y < from.height; y += step) {
          const rows = map.data.slice(y * from.width, Math.min(from.height, y + step) * from.width);
          came.push(...resizer.push([rows])[0]!);
        }
        expect(Float32Array.from(came)).toEqual(whole);
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

test("a line of millions of pixels shrinks to the means of its parts", () => {
  const width = 4_000_000;
  const data = new Uint8Array(3 * width).map((_, i) => (Math.floor(i / 3) < width / 2 ? 40 : 200));
  const { data: small } = resizeImage({ width, height: 1, data }, 4, 2);
  // The filter is as wide as two parts: an eighth of an inner part's weight lies on the other half.
  expect([...small].filter((_, i) => i % 3 === 0)).toEqual([40, 60, 180, 200, 40, 60, 180, 200]);
});

import { expect, test } from "vitest";
import { Random } from "../../base/random.ts";
import { countValues, emptyCounts, extremes, measuredRange, toEightBits } from "./valueRange.ts";

/** `numpy.percentile`'s default, written out on sorted values. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
  return below + (above - below) * (rank - Math.floor(rank));
}

test.each([
  [16, 1237, 4096],
  [16, 2, 60000],
  [8, 331, 256],
] as const)(
  "percentiles of %i bits are those of the sorted values of each channel",
  (bits, pixels, most) => {
    const random = Random.of("range", bits, pixels);
    const values = Array.from({ length: 3 * pixels }, () => random.int(most));
    const data = bits === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
    const counts = emptyCounts(bits);
    countValues({ width: pixels, height: 1, data }, counts);
    const { low, high } = measuredRange(counts);
    for (let c = 0; c < 3; c++) {
      const channel = values.filter((_, i) => i % 3 === c);
      expect(low[c]).toBeCloseTo(percentile(channel, 0.01), 9);
      expect(high[c]).toBeCloseTo(percentile(channel, 0.99), 9);
    }
    expect(extremes(counts)).toEqual([Math.min(...values), Math.max(...values)]);
  },
);

test("12 bits in a 16-bit file are nearly black as they are, and use all brightness by their percentiles", () => {
  const width = 4096;
  const data = Uint16Array.from({ length: 3 * width }, (_, i) => Math.floor(i / 3));
  const image = { width, height: 1, data };
  const fixed = toEightBits(image, { mode: "fixed" });
  expect(fixed.at(-1)).toBe(15);
  const own = toEightBits(image, { mode: "image" });
  expect([own[0], own[3 * 2048], own.at(-1)]).toEqual([0, 128, 255]);
  // A hundredth at either end is clamped.
  expect(own.filter((v, i) => i % 3 === 0 && v === 0).length).toBeGreaterThan(40);
});

test("a measured range maps its ends to black and white, channel by channel, and is the same for every image", () => {
  const range = { mode: "dataset", bits: 16, low: [0, 100, 1000], high: [10, 200, 3000] } as const;
  const data = Uint16Array.from([0, 100, 1000, 10, 200, 3000, 5, 150, 2000, 99, 0, 65535]);
  expect([...toEightBits({ width: 4, height: 1, data }, range)]).toEqual([
    0, 0, 0, 255, 255, 255, 128, 128, 128, 255, 0, 255,
  ]);
});

test("an image of one value is black by its own percentiles, and 8 bits stay the same object as they are", () => {
  const data = new Uint8Array(12).fill(90);
  expect([...toEightBits({ width: 4, height: 1, data }, { mode: "image" })]).toEqual(
    new Array(12).fill(0),
  );
  expect(toEightBits({ width: 4, height: 1, data }, { mode: "fixed" })).toBe(data);
});

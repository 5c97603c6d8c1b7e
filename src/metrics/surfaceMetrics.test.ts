import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { maskPairs } from "../../test/helpers/maskPairs.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import { surfaceDistances } from "./surfaceDistances.ts";
import { assd, hausdorff, hd95, hd95Pooled, masd } from "./surfaceMetrics.ts";

const metrics = [hausdorff, hd95, hd95Pooled, assd, masd];

const disk = (size: number, y0: number, x0: number, radius: number): Mask => ({
  width: size,
  height: size,
  data: Uint8Array.from({ length: size * size }, (_, i) => {
    const y = Math.floor(i / size);
    return (y - y0) ** 2 + ((i % size) - x0) ** 2 <= radius ** 2 ? 1 : 0;
  }),
});
const truth = disk(64, 32, 32, 15);
const plain = disk(64, 34, 35, 12);
const withSpeck: Mask = { ...plain, data: plain.data.slice() };
for (const i of [2 * 64 + 2, 2 * 64 + 3, 3 * 64 + 2, 3 * 64 + 3]) withSpeck.data[i] = 1;

test("a stray speck moves the directed HD95 and hardly the pooled one", () => {
  expect(hd95(plain, truth)).toBeCloseTo(6.7082, 4);
  expect(hd95Pooled(plain, truth)).toBeCloseTo(6.7082, 4);
  expect(hd95(withSpeck, truth)).toBeCloseTo(19.36, 4);
  expect(hd95Pooled(withSpeck, truth)).toBeCloseTo(6.8715, 4);
  expect(hausdorff(withSpeck, truth)).toBeCloseTo(27.586, 3);
  expect(assd(plain, truth)).toBeCloseTo(3.11279, 5);
  expect(masd(plain, truth)).toBeCloseTo(3.07901, 5);
});

test("spacing is down a column and along a row", () => {
  const spacingMm = { y: 2, x: 0.5 };
  expect(hd95(plain, truth, { spacingMm })).toBeCloseTo(8.3612, 4);
  expect(hd95Pooled(plain, truth, { spacingMm })).toBeCloseTo(8.0459, 4);
});

test("distances by hand", () => {
  const a = drawnMask("#...#......");
  const b = drawnMask("#..........");
  // From a: 0 and 4. From b: 0.
  expect([...surfaceDistances(a, b).predictionToTruth]).toEqual([0, 4]);
  expect([...surfaceDistances(a, b).truthToPrediction]).toEqual([0]);
  expect(hausdorff(a, b)).toBe(4);
  expect(hd95(a, b)).toBeCloseTo(3.8, 12);
  expect(hd95Pooled(a, b)).toBeCloseTo(3.6, 12);
  expect(assd(a, b)).toBeCloseTo(4 / 3, 12);
  expect(masd(a, b)).toBe(1);
});

const nonEmpty = maskPairs().filter(([a, b]) => a.data.includes(1) && b.data.includes(1));

test("exchanging the masks, flipping both or turning both changes no distance", () => {
  const flip = (mask: Mask): Mask => ({ ...mask, data: mask.data.slice().reverse() });
  const transpose = ({ width, height, data }: Mask): Mask => ({
    width: height,
    height: width,
    data: data.map((_, i) => data[(i % height) * width + Math.floor(i / height)]!),
  });
  fc.assert(
    fc.property(nonEmpty, ([a, b]) => {
      for (const metric of metrics) {
        const value = metric(a, b);
        expect(metric(b, a)).toBeCloseTo(value, 12);
        expect(metric(flip(a), flip(b))).toBeCloseTo(value, 12);
        expect(metric(transpose(a), transpose(b))).toBeCloseTo(value, 12);
        const spaced = metric(a, b, { spacingMm: { y: 3, x: 0.5 } });
        const turned = { spacingMm: { y: 0.5, x: 3 } };
        expect(metric(transpose(a), transpose(b), turned)).toBeCloseTo(spaced, 12);
      }
    }),
    { seed: 6 },
  );
});

test("twice the spacing is twice the distance, and equal masks are at distance 0", () => {
  fc.assert(
    fc.property(nonEmpty, ([a, b]) => {
      for (const metric of metrics) {
        const double = metric(a, b, { spacingMm: { y: 2, x: 2 } });
        expect(double).toBeCloseTo(2 * metric(a, b), 12);
        expect(metric(a, a)).toBe(0);
      }
    }),
    { seed: 7 },
  );
});

test("hd95 lies between 0 and the Hausdorff distance, and empty frame around both changes nothing", () => {
  const pad = ({ width, height, data }: Mask): Mask => {
    const wide = { width: width + 5, height: height + 4, data: new Uint8Array(0) };
    const padded = new Uint8Array(wide.width * wide.height);
    for (let y = 0; y < height; y++)
      padded.set(data.subarray(y * width, (y + 1) * width), (y + 2) * wide.width + 3);
    return { ...wide, data: padded };
  };
  fc.assert(
    fc.property(nonEmpty, ([a, b]) => {
      expect(hd95(a, b)).toBeLessThanOrEqual(hausdorff(a, b));
      expect(hd95Pooled(a, b)).toBeLessThanOrEqual(hausdorff(a, b));
      for (const metric of metrics) expect(metric(pad(a), pad(b))).toBe(metric(a, b));
    }),
    { seed: 8 },
  );
});

const empty = drawnMask("....\n....\n....");
const some = drawnMask("....\n.##.\n....");

test("two empty masks are at distance 0 under every policy", () => {
  for (const metric of metrics)
    for (const policy of ["diagonal", "infinity", "nan", "skip"] as const)
      expect(metric(empty, empty, { empty: policy })).toBe(0);
});

test("one empty mask is the diagonal away, or what the policy says", () => {
  for (const metric of metrics)
    for (const [a, b] of [
      [empty, some],
      [some, empty],
    ] as const) {
      expect(metric(a, b)).toBe(5);
      expect(metric(a, b, { spacingMm: { y: 2, x: 2 } })).toBe(10);
      expect(metric(a, b, { empty: "infinity" })).toBe(Infinity);
      expect(metric(a, b, { empty: "nan" })).toBeNaN();
      expect(metric(a, b, { empty: "skip" })).toBeNaN();
    }
});

test("an unknown policy is refused", () => {
  const empty: string = "zero";
  const options = { empty } as { empty: "nan" };
  expect(() => hd95(some, some, options)).toThrow(
    new ArgumentError(
      'metrics: empty policy must be one of diagonal, infinity, nan, skip, got "zero"',
    ),
  );
});

test("distances of unequal sizes, of stray values and with a wrong spacing are refused", () => {
  expect(() => hd95(some, drawnMask("#"))).toThrow(ShapeError);
  expect(() => hd95(some, { ...some, data: some.data.map((v) => v * 255) })).toThrow(
    "metrics: truth must contain only 0 and 1, got 255 at row 1, column 1; threshold it first",
  );
  expect(() => hd95(empty, some, { spacingMm: { y: 0, x: 1 } })).toThrow(
    "distances: spacing must be positive and finite, got 0 (y) and 1 (x)",
  );
});

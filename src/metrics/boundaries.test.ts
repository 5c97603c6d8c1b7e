import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { maskPairs, masks } from "../../test/helpers/maskPairs.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import { bitRows, countBits, countBoth, dilateByDisk, erodeBySquare } from "./bitRows.ts";
import { boundaryF } from "./boundaryF.ts";
import { boundaryIou } from "./boundaryIou.ts";
import { iou, miouMacro, thresholdedJaccard } from "./overlap.ts";
import { nsd } from "./surfaceMetrics.ts";

const unpacked = ({ width, height, words, data }: ReturnType<typeof bitRows>): number[] =>
  Array.from({ length: width * height }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return (data[y * words + (x >> 5)]! >>> (x & 31)) & 1;
  });

/** Whether some, or every, pixel of a neighbourhood is 1, one by one; outside the image is 0. */
const neighbours = ({ width, height, data }: Mask, holds: (dy: number, dx: number) => boolean) => {
  const reach = Math.max(width, height);
  const at = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < height && x < width ? data[y * width + x]! : 0;
  const of = (i: number) => {
    const values: number[] = [];
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++)
        if (holds(dy, dx)) values.push(at(Math.floor(i / width) + dy, (i % width) + dx));
    return values;
  };
  const map = (value: (around: number[]) => boolean) =>
    Array.from(data, (_, i) => Number(value(of(i))));
  return { some: () => map((v) => v.includes(1)), every: () => map((v) => !v.includes(0)) };
};

const wide = fc
  .tuple(fc.integer({ min: 1, max: 75 }), fc.integer({ min: 1, max: 6 }))
  .chain(([width, height]) => masks(width, height));

test("erosion and dilation on bits are those pixel by pixel, across words too", () => {
  fc.assert(
    fc.property(wide, fc.integer({ min: 0, max: 4 }), (mask, r) => {
      const square = neighbours(mask, (dy, dx) => Math.abs(dy) <= r && Math.abs(dx) <= r);
      const disk = neighbours(mask, (dy, dx) => dy * dy + dx * dx <= r * r);
      expect(unpacked(bitRows(mask))).toEqual([...mask.data]);
      expect(unpacked(erodeBySquare(bitRows(mask), r))).toEqual(square.every());
      expect(unpacked(dilateByDisk(bitRows(mask), r))).toEqual(disk.some());
      expect(countBits(bitRows(mask))).toBe(mask.data.reduce((a, b) => a + b, 0));
    }),
    { seed: 11, numRuns: 40 },
  );
});

test("wide reaches cross whole words", () => {
  const one = { width: 200, height: 1, data: new Uint8Array(200) };
  one.data[100] = 1;
  expect(countBits(dilateByDisk(bitRows(one), 70))).toBe(141);
  const full = { width: 200, height: 151, data: new Uint8Array(200 * 151).fill(1) };
  expect(countBits(erodeBySquare(bitRows(full), 70))).toBe(60 * 11);
  expect(countBits(erodeBySquare(bitRows(full), 100))).toBe(0);
});

test("common ones are counted", () => {
  expect(countBoth(bitRows(drawnMask("##.#")), bitRows(drawnMask("#.##")))).toBe(2);
});

test("boundary IoU by hand: rims of one pixel", () => {
  const square = drawnMask(".....\n.###.\n.###.\n.###.\n.....");
  const hollow = drawnMask(".....\n.###.\n.#.#.\n.###.\n.....");
  expect(boundaryIou(square, hollow)).toBe(1);
  expect(iou(square, hollow)).toBe(8 / 9);
  const shifted = drawnMask(".....\n..###\n..###\n..###\n.....");
  expect(boundaryIou(square, shifted)).toBe(4 / 12);
});

test("boundary F by hand: contours within one pixel", () => {
  const a = drawnMask("#.........\n..........\n..........");
  const near = drawnMask(".#........\n..........\n..........");
  const far = drawnMask(".........#\n..........\n..........");
  // Contour of the corner pixel: itself. Of the next: itself and its left neighbour.
  expect(boundaryF(near, a)).toBe(1);
  expect(boundaryF(far, a)).toBe(0);
});

test("all of them: exchange changes nothing, equal masks score 1, values lie between 0 and 1", () => {
  const metrics = [boundaryIou, boundaryF, nsd, thresholdedJaccard, miouMacro];
  fc.assert(
    fc.property(maskPairs(), ([a, b]) => {
      for (const metric of metrics) {
        const value = metric(a, b);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(metric(b, a)).toBeCloseTo(value, 14);
        expect(metric(a, a)).toBe(1);
      }
    }),
    { seed: 12 },
  );
});

test("flips change neither boundary IoU nor NSD; spacing and tolerance scale together", () => {
  const flip = (mask: Mask): Mask => ({ ...mask, data: mask.data.slice().reverse() });
  fc.assert(
    fc.property(maskPairs(), fc.constantFrom(0, 0.5, 1, 2.5), ([a, b], tolerance) => {
      expect(boundaryIou(flip(a), flip(b))).toBe(boundaryIou(a, b));
      const value = nsd(a, b, { tolerance });
      expect(nsd(flip(a), flip(b), { tolerance })).toBe(value);
      const scaled = { spacingMm: { y: 0.3, x: 0.3 }, tolerance: 0.3 * tolerance };
      expect(nsd(a, b, scaled)).toBe(value);
      expect(nsd(a, b, { tolerance: tolerance + 1 })).toBeGreaterThanOrEqual(value);
    }),
    { seed: 13 },
  );
});

test("one empty mask is 0, two are 1; a full mask against nothing too", () => {
  const empty = drawnMask("....\n....");
  const some = drawnMask(".##.\n....");
  const full = drawnMask("####\n####");
  for (const metric of [boundaryIou, boundaryF, nsd]) {
    expect(metric(empty, empty)).toBe(1);
    expect(metric(empty, some)).toBe(0);
    expect(metric(some, empty)).toBe(0);
    expect(metric(full, empty)).toBe(0);
    expect(metric(full, full)).toBe(1);
  }
  // A mask that fills the image has no contour to compare.
  expect(boundaryF(full, some)).toBe(0);
});

test("thresholded Jaccard cuts below 0.65 and not at it", () => {
  const row = (ones: number): Mask => ({
    width: 20,
    height: 1,
    data: Uint8Array.from({ length: 20 }, (_, i) => (i < ones ? 1 : 0)),
  });
  expect(thresholdedJaccard(row(13), row(20))).toBe(0.65);
  expect(thresholdedJaccard(row(12), row(20))).toBe(0);
});

test("mIoU is the mean of foreground and background", () => {
  expect(miouMacro(drawnMask("##.."), drawnMask("#..."))).toBeCloseTo((1 / 2 + 2 / 3) / 2, 14);
  expect(miouMacro(drawnMask("...."), drawnMask("...."))).toBe(1);
  expect(miouMacro(drawnMask("####"), drawnMask("####"))).toBe(1);
});

test("unequal sizes, stray values and unusable tolerances are refused", () => {
  const some = drawnMask(".##.");
  for (const metric of [boundaryIou, boundaryF, nsd]) {
    expect(() => metric(some, drawnMask("#"))).toThrow(ShapeError);
    expect(() => metric(some, { ...some, data: some.data.map((v) => 2 * v) })).toThrow(
      "metrics: truth must contain only 0 and 1, got 2 at row 0, column 1",
    );
  }
  expect(() => nsd(some, some, { tolerance: -1 })).toThrow(
    new ArgumentError(
      "metrics: tolerance of the surface Dice must be finite and at least 0, got -1",
    ),
  );
});

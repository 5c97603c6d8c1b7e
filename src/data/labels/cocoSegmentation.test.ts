import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import {
  decodeRle,
  decodeRleString,
  decodeSegmentation,
  encodeRle,
  encodeRleString,
} from "./cocoSegmentation.ts";

interface Fixture {
  readonly width: number;
  readonly height: number;
  /** Polygons as pycocotools fills them. */
  readonly polygons: readonly { readonly rings: number[][]; readonly counts: number[] }[];
  readonly masks: readonly {
    readonly width: number;
    readonly height: number;
    readonly counts: number[];
    readonly string: string;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/coco.json", import.meta.url), "utf8"),
) as Fixture;

test("polygons cover the pixels that pycocotools gives them", () => {
  const { width, height, polygons } = fixture;
  expect(polygons.length).toBeGreaterThan(100);
  for (const { rings, counts } of polygons) {
    const data = decodeSegmentation(rings, width, height);
    expect(encodeRle({ width, height, data }), JSON.stringify(rings)).toEqual(counts);
  }
});

test("run lengths and their strings are those of pycocotools, both ways", () => {
  for (const { width, height, counts, string } of fixture.masks) {
    const data = decodeRle(counts, width, height);
    expect(encodeRle({ width, height, data })).toEqual(counts);
    expect(encodeRleString(counts)).toBe(string);
    expect(decodeRleString(string)).toEqual(counts);
    const size = [height, width] as const;
    const again = decodeSegmentation({ size, counts: string }, width, height);
    expect(data.every((v, i) => v === again[i])).toBe(true);
  }
});

test("an outline along the borders of pixels covers just these pixels", () => {
  const data = decodeSegmentation([[1, 0, 3, 0, 3, 2, 1, 2]], 4, 3);
  expect([...data]).toEqual([0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
});

test("several rings count together", () => {
  const rings = [
    [0, 0, 4, 0, 4, 4, 0, 4],
    [1, 1, 3, 1, 3, 3, 1, 3],
  ];
  expect([...decodeSegmentation(rings, 4, 4)]).toEqual(new Array<number>(16).fill(1));
  expect([...decodeSegmentation([], 2, 1)]).toEqual([0, 0]);
});

test("run lengths go column by column and begin with zeros", () => {
  const mask = { width: 3, height: 2, data: Uint8Array.of(1, 0, 1, 1, 1, 0) };
  expect(encodeRle(mask)).toEqual([0, 2, 1, 2, 1]);
  expect(encodeRle({ width: 1, height: 1, data: Uint8Array.of(0) })).toEqual([1]);
});

test("any mask comes back from its run lengths and from their string", () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
    .chain(([width, height]) =>
      fc
        .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
        .map((data) => ({ width, height, data })),
    );
  fc.assert(
    fc.property(masks, (mask) => {
      const counts = encodeRle(mask);
      expect(decodeRle(counts, mask.width, mask.height)).toEqual(mask.data);
      expect(decodeRleString(encodeRleString(counts))).toEqual(counts);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("large counts come back from their string", () => {
  const counts = [0, 99_999_999, 1, 5, 80_000_000, 2, 3, 2 ** 38];
  expect(decodeRleString(encodeRleString(counts))).toEqual(counts);
});

test("damaged segmentations say what was expected and what was got", () => {
  const cases: readonly [action: () => unknown, text: string][] = [
    [() => decodeRle([3, 2], 3, 2), "RLE: run lengths must add up to 3 x 2 = 6 pixels, got 5"],
    [
      () => decodeRle([3, 4], 3, 2, "a.json: image 1"),
      "a.json: image 1: run lengths must add up to 3 x 2 = 6 pixels, got 7",
    ],
    [
      () => decodeRle([7, -1], 3, 2),
      "RLE: run lengths must be whole numbers of 0 and up, got -1 as number 1",
    ],
    [
      () => decodeRle([0.5, 5.5], 3, 2),
      "RLE: run lengths must be whole numbers of 0 and up, got 0.5 as number 0",
    ],
    [() => decodeRleString("0 1"), 'RLE: characters of run lengths must be 0 to o, got " " at 1'],
    [() => decodeRleString("P"), "RLE: run lengths must end within the string, got a cut-off one"],
    [
      () => decodeRleString("ooooooooooooooo0"),
      "RLE: run lengths must have at most 8 characters, got more at 0",
    ],
    [() => decodeRleString("O"), "RLE: run lengths must be 0 and up, got -1 as number 0"],
    [
      () => decodeSegmentation([[1, 2, 3, 4]], 9, 9),
      "segmentation, ring 0: polygon must have an even count of at least 6 numbers, got 4",
    ],
    [
      () => decodeSegmentation([[1, 2, 3, 4, 5, 6, 7]], 9, 9),
      "segmentation, ring 0: polygon must have an even count of at least 6 numbers, got 7",
    ],
    [
      () => decodeSegmentation([[1, 2, 3, 4, 5, NaN]], 9, 9),
      "segmentation, ring 0: coordinates must be within 100000000 pixels, got NaN as number 5",
    ],
    [
      () => decodeSegmentation({ size: [9, 8], counts: [72] }, 9, 8),
      "segmentation: size of the run lengths must be that of the image, [8, 9], got [9, 8]",
    ],
  ];
  for (const [action, text] of cases) expectError(action, DataError, text);
});

test("a polygon far outside takes no longer than one inside", () => {
  const start = performance.now();
  const data = decodeSegmentation([[-1e8, -1e8, 1e8, -1e8, 1e8, 1e8, -1e8, 1e8]], 100, 100);
  expect(data.every((value) => value === 1)).toBe(true);
  decodeSegmentation([[-1e8, -1e8, 1e8 - 1, 1e8, 1e8, 1e8]], 100, 100);
  expect(performance.now() - start).toBeLessThan(500);
});

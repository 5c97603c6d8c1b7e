import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { hMaxima } from "./hMaxima.ts";
import { watershed } from "./watershed.ts";

interface Flooding {
  readonly width: number;
  readonly height: number;
  readonly connectivity: number;
  readonly markers: number[];
  readonly mask: number[];
  readonly levels: number[];
}
interface Case extends Flooding {
  readonly distinct: number[];
  readonly floodedDistinct: number[];
  readonly floodedLevels: number[];
}
interface PeakCase {
  readonly width: number;
  readonly height: number;
  readonly h: number;
  readonly heights: number[];
  readonly peaks: number[];
}
const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/watershed.json", import.meta.url), "utf8"),
) as { readonly watershed: Case[]; readonly hMaxima: PeakCase[] };

function flood({ width, height, connectivity, markers, mask }: Flooding, priority: number[]) {
  const size = { width, height };
  return watershed(
    { ...size, data: Int32Array.from(markers) },
    { ...size, data: Float32Array.from(priority) },
    { mask: { ...size, data: Uint8Array.from(mask) }, connectivity: connectivity === 8 ? 8 : 4 },
  );
}

test("with priorities that all differ, every pixel is that of scikit-image", () => {
  expect(fixture.watershed).toHaveLength(4);
  for (const one of fixture.watershed)
    expect([...flood(one, one.distinct)]).toEqual(one.floodedDistinct);
});

test("with few levels the same pixels are flooded as by scikit-image, most with the same id", () => {
  for (const one of fixture.watershed) {
    const ids = flood(one, one.levels);
    const wanted = one.floodedLevels;
    expect([...ids].map((id) => id > 0)).toEqual(wanted.map((id) => id > 0));
    // Which of two fronts takes a pixel of a plateau is up to the order of the markers: theirs is that of a heap without it.
    const same = wanted.filter((id, i) => id === ids[i]).length;
    expect(same / wanted.length).toBeGreaterThan(0.75);
  }
});

test("every pixel has the id of a marker from which the highest priority on the way is least", () => {
  const maps = fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.constantFrom(4, 8))
    .chain(([width, height, connectivity]) => {
      const pixels = (values: fc.Arbitrary<number>) =>
        fc.array(values, { minLength: width * height, maxLength: width * height });
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        connectivity: fc.constant(connectivity),
        markers: pixels(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2, 9)),
        mask: pixels(fc.constantFrom(0, 1, 1, 1)),
        levels: pixels(fc.integer({ min: 0, max: 6 })),
      });
    });
  fc.assert(
    fc.property(maps, (one) => {
      const ids = flood(one, one.levels);
      const passes = [1, 2, 9].map((id) => lowestPasses(one, id));
      ids.forEach((id, i) => {
        const least = Math.min(...passes.map((pass) => pass[i]!));
        expect(id > 0).toBe(least < Infinity);
        if (id > 0) expect(passes[[1, 2, 9].indexOf(id)]![i]).toBe(least);
      });
    }),
    { seed: 8, numRuns: 300 },
  );
});

/** For each pixel the least highest priority on the ways from the markers `id`, by relaxing until nothing changes. */
function lowestPasses(
  { width, height, connectivity, markers, mask, levels }: Flooding,
  id: number,
): number[] {
  const pass = levels.map((level, i) => (markers[i] === id && mask[i] ? level : Infinity));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < pass.length; i++)
      for (let j = 0; j < pass.length; j++) {
        const dx = Math.abs((i % width) - (j % width));
        const dy = Math.abs(Math.floor(i / width) - Math.floor(j / width));
        const near = connectivity === 4 ? dx + dy === 1 : Math.max(dx, dy) === 1;
        // No way leads through another marker.
        if (!near || !mask[j] || !mask[i] || (markers[j] !== 0 && markers[j] !== id)) continue;
        const through = Math.max(pass[i]!, levels[j]!);
        if (through >= pass[j]!) continue;
        pass[j] = through;
        changed = true;
      }
  }
  expect(pass).toHaveLength(width * height);
  return pass;
}

test("fronts on a plateau meet half way, and equal runs give equal results", () => {
  const markers = { width: 9, height: 1, data: Int32Array.of(4, 0, 0, 0, 0, 0, 0, 0, 2) };
  const priority = { width: 9, height: 1, data: new Float32Array(9) };
  expect([...watershed(markers, priority)]).toEqual([4, 4, 4, 4, 4, 2, 2, 2, 2]);
});

test("a pass is crossed only when everything lower is flooded", () => {
  const markers = { width: 9, height: 1, data: Int32Array.of(0, 1, 0, 0, 0, 0, 0, 2, 0) };
  const priority = { width: 9, height: 1, data: Float32Array.of(3, 0, 1, 2, 9, 3, 2, 0, 8) };
  expect([...watershed(markers, priority)]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2]);
});

test("markers outside the mask are left out, and corners join only with connectivity 8", () => {
  const size = { width: 3, height: 3 };
  const markers = { ...size, data: Int32Array.of(7, 0, 5, 0, 0, 0, 0, 0, 0) };
  const priority = { ...size, data: new Float32Array(9) };
  const mask = { ...size, data: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  expect([...watershed(markers, priority, { mask })]).toEqual([7, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...watershed(markers, priority, { mask, connectivity: 8 })]).toEqual([
    7, 0, 0, 0, 7, 0, 0, 0, 7,
  ]);
});

test("a front of many thousands of pixels keeps its order", () => {
  const [width, height] = [3000, 3];
  const priority = { width, height, data: new Float32Array(width * height) };
  for (let i = 0; i < priority.data.length; i++) priority.data[i] = (i * 7919) % 101;
  const markers = { width, height, data: new Int32Array(width * height) };
  for (let x = 0; x < width; x++) markers.data[x] = x + 1;
  const ids = watershed(markers, priority);
  expect(ids.every((id) => id > 0)).toBe(true);
  expect(watershed(markers, priority)).toEqual(ids);
});

test("sizes that differ and priorities that are no numbers are refused", () => {
  const markers = { width: 2, height: 2, data: new Int32Array(4) };
  const priority = { width: 2, height: 2, data: Float32Array.of(0, 0, NaN, 0) };
  expectError(
    () => watershed(markers, priority),
    ArgumentError,
    "watershed: priority must be a number, got NaN at row 1, column 0",
  );
  expectError(
    () => watershed({ width: 1, height: 4, data: new Int32Array(4) }, priority),
    ShapeError,
    "watershed: markers must be 2 x 2 (width x height), got 1 x 4",
  );
  expectError(
    () => watershed({ ...markers, data: new Int32Array(5) }, priority),
    ShapeError,
    "watershed: map of 2 x 2 (width x height) must hold 4 values, got 5",
  );
});

test("peaks that stand out by h are those of scikit-image", () => {
  for (const { width, height, h, heights, peaks } of fixture.hMaxima) {
    const size = { width, height };
    const map = { ...size, data: Float32Array.from(heights) };
    const mask = { ...size, data: new Uint8Array(heights.length).fill(1) };
    const markers = hMaxima(map, mask, { h });
    // Theirs are the highest pixels alone, ours also what is less than h below.
    const hit = new Set<number>();
    peaks.forEach((peak, i) => {
      if (peak > 0) hit.add(markers[i]!);
    });
    expect(hit).toEqual(new Set(markers.filter((id) => id > 0)));
    expect(hit.size).toBeGreaterThan(1);
  }
});

test("a peak counts if it stands out by h or by its share, and the highest of a region always", () => {
  const map = { width: 9, height: 1, data: Float32Array.of(0, 5, 3, 4, 1, 10, 0, 2, 2) };
  const mask = { width: 9, height: 1, data: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 1, 1) };
  const at = (options: object) => [...hMaxima(map, mask, options)];
  expect(at({ h: 0 })).toEqual([0, 1, 0, 2, 0, 3, 0, 4, 0]);
  expect(at({ h: 1 })).toEqual([0, 1, 0, 2, 0, 3, 0, 4, 4]);
  expect(at({ h: 1.5 })).toEqual([0, 1, 0, 1, 0, 2, 0, 3, 3]);
  expect(at({ h: 4.5 })).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 2]);
  // 5 above the pass at 1 is 4, 80 percent of it; 4 above the pass at 3 is a quarter.
  expect(at({ relativeH: 0.26 })).toEqual([0, 1, 0, 1, 0, 2, 0, 3, 3]);
  expect(at({ relativeH: 0.81 })).toEqual([0, 1, 1, 1, 0, 1, 0, 2, 2]);
});

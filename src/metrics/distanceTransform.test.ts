import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { masks } from "../../test/helpers/maskPairs.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import { border, foregroundIndices } from "./border.ts";
import { distancesAt, distanceTransform, type Spacing } from "./distanceTransform.ts";

/** The definition, by comparing all pixels with all pixels. */
function slowTransform({ width, height, data }: Mask, { y: sy, x: sx }: Spacing): number[] {
  const distances = new Array<number>(width * height).fill(Infinity);
  return distances.map((_, i) => {
    let best = Infinity;
    for (let j = 0; j < data.length; j++) {
      if (data[j] === 0) continue;
      const dy = Math.floor(i / width) - Math.floor(j / width);
      const dx = (i % width) - (j % width);
      best = Math.min(best, Math.hypot(sy * dy, sx * dx));
    }
    return best;
  });
}

const expectClose = (got: Float64Array, wanted: readonly number[]) => {
  expect(got).toHaveLength(wanted.length);
  got.forEach((value, i) => {
    if (value !== wanted[i]) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-11);
  });
};

test("distances by hand", () => {
  const mask = drawnMask(`
    #...
    ....
    ...#`);
  const r2 = Math.SQRT2;
  expectClose(distanceTransform(mask), [0, 1, 2, 2, 1, r2, r2, 1, 2, 2, 1, 0]);
  expectClose(distanceTransform(mask, { y: 10, x: 1 }), [
    0,
    1,
    2,
    3,
    10,
    Math.hypot(10, 1),
    Math.hypot(10, 1),
    10,
    3,
    2,
    1,
    0,
  ]);
});

const cases = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
  .chain(([width, height]) =>
    fc.record({
      features: masks(width, height),
      targets: masks(width, height),
      spacing: fc.record({
        y: fc.constantFrom(1, 0.3, 2.5, 40),
        x: fc.constantFrom(1, 0.7, 3, 0.02),
      }),
    }),
  );

test("the transform equals the definition, with any spacing", () => {
  fc.assert(
    fc.property(cases, ({ features, spacing }) => {
      expectClose(distanceTransform(features, spacing), slowTransform(features, spacing));
    }),
    { seed: 4, numRuns: 300 },
  );
});

test("at chosen pixels the distances are those of the whole transform", () => {
  fc.assert(
    fc.property(cases, ({ features, targets, spacing }) => {
      const whole = slowTransform(features, spacing);
      const indices = foregroundIndices(targets);
      expectClose(
        distancesAt(indices, features, spacing),
        [...indices].map((i) => whole[i]!),
      );
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("without foreground every distance is infinite", () => {
  expect([...distanceTransform(drawnMask("..\n.."))]).toEqual(new Array(4).fill(Infinity));
});

test("a spacing that is not positive and finite is refused", () => {
  for (const [y, x] of [
    [0, 1],
    [1, -2],
    [NaN, 1],
    [1, Infinity],
  ] as const)
    expect(() => distanceTransform(drawnMask("#"), { y, x })).toThrow(
      new ArgumentError(
        `distances: spacing must be positive and finite, got ${y} (y) and ${x} (x)`,
      ),
    );
});

test("the border is what touches background or the frame by a side", () => {
  const mask = drawnMask(`
    ####..
    #####.
    #####.
    .###..`);
  expect(border(mask)).toEqual(
    drawnMask(`
    ####..
    #...#.
    #...#.
    .###..`),
  );
});

test("frame pixels, single rows and single columns are all border", () => {
  for (const picture of ["###", "#\n#\n#", "##\n##"])
    expect(border(drawnMask(picture))).toEqual(drawnMask(picture));
});

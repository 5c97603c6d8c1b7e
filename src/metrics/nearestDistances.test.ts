import fc from "fast-check";
import { expect, test } from "vitest";
import { maskPairs } from "../../test/helpers/maskPairs.ts";
import type { Mask } from "../tensor/raster.ts";
import { bitRows, indicesOf } from "./bitRows.ts";
import { foregroundIndices } from "./border.ts";
import { distancesAt, type Spacing } from "./distanceTransform.ts";
import { nearestDistances } from "./nearestDistances.ts";

const both = (targets: Mask, features: Mask, spacing: Spacing) => ({
  near: [...nearestDistances(bitRows(targets), bitRows(features), spacing).sort()],
  exact: [...distancesAt(foregroundIndices(targets), features, spacing).sort()],
});
const spacings = fc.constantFrom({ y: 1, x: 1 }, { y: 3, x: 0.4 }, { y: 0.37, x: 0.41 });

test("the distances of the transform, bit for bit, whatever the masks and the spacing", () => {
  fc.assert(
    fc.property(maskPairs(40), spacings, ([targets, features], spacing) => {
      if (!features.data.includes(1)) return;
      const { near, exact } = both(targets, features, spacing);
      expect(near).toEqual(exact);
    }),
    { seed: 16, numRuns: 60 },
  );
});

test("dense masks, distant ones and both at once on an image of many words", () => {
  const [width, height] = [150, 90];
  const mask = (holds: (y: number, x: number) => boolean): Mask => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) =>
      Number(holds(Math.floor(i / width), i % width)),
    ),
  });
  const speckled = mask((y, x) => (7 * x * x + 13 * y * x + 5 * y) % 11 < 4);
  const corner = mask((y, x) => y === 0 && x === 0);
  const halfSpeckled = mask((y, x) => x < 60 && (3 * x + 5 * y * y) % 7 < 3);
  for (const [targets, features] of [
    [speckled, halfSpeckled],
    [speckled, corner],
    [corner, speckled],
    [mask(() => true), halfSpeckled],
  ] as const) {
    const { near, exact } = both(targets, features, { y: 1, x: 1.5 });
    expect(near).toEqual(exact);
  }
});

test("indices of ones are those of the foreground, in its order", () => {
  fc.assert(
    fc.property(maskPairs(40), ([mask]) => {
      const expected = [...mask.data.keys()].filter((i) => mask.data[i] === 1);
      expect([...indicesOf(bitRows(mask))]).toEqual(expected);
    }),
    { seed: 17, numRuns: 40 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeRle, encodeRle } from "../labels/cocoRle.ts";
import { labelRuns } from "./labelRuns.ts";

test("runs are column-major, with area and box", () => {
  // 0 2 2
  // 1 0 2
  const ids = Int32Array.of(0, 2, 2, 1, 0, 2);
  expect(labelRuns(ids, 3, 2)).toEqual([
    { id: 1, counts: [1, 1, 4], area: 1, box: [0, 1, 1, 1] },
    { id: 2, counts: [2, 1, 1, 2], area: 3, box: [1, 0, 2, 2] },
  ]);
});

test("no objects give no runs; an object that covers everything begins with no zeros", () => {
  expect(labelRuns(new Int32Array(6), 3, 2)).toEqual([]);
  expect(labelRuns(new Uint8Array(6).fill(9), 3, 2)).toEqual([
    { id: 9, counts: [0, 6], area: 6, box: [0, 0, 3, 2] },
  ]);
});

test("the runs of every object are those of its mask", () => {
  const maps = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        ids: fc.array(fc.constantFrom(0, 0, 1, 5, 5, 70_000), {
          minLength: width * height,
          maxLength: width * height,
        }),
      }),
    );
  fc.assert(
    fc.property(maps, ({ width, height, ids }) => {
      const objects = labelRuns(Int32Array.from(ids), width, height);
      expect(objects.map(({ id }) => id)).toEqual(
        [...new Set(ids)].filter((id) => id > 0).sort((a, b) => a - b),
      );
      for (const { id, counts } of objects) {
        const data = Uint8Array.from(ids, (value) => (value === id ? 1 : 0));
        expect(counts).toEqual(encodeRle({ width, height, data }));
        expect(decodeRle(counts, width, height)).toEqual(data);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

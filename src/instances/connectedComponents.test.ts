import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { masks } from "../../test/helpers/maskPairs.ts";
import { ShapeError } from "../base/errors.ts";
import { connectedComponents } from "./connectedComponents.ts";
import { renumber, type IdMap } from "./idMap.ts";

const drawn = ({ width }: IdMap, ids: Int32Array): string =>
  ids.join("").replace(new RegExp(`.{${width}}(?=.)`, "g"), "$&\n");

const mask = drawnMask(`
  #..#.#
  .#.#.#
  #...##
  .##...`);

test("by sides and by corners, numbered in the order of rows", () => {
  const four = connectedComponents(mask);
  expect(four.count).toBe(6);
  expect(drawn(mask, four.ids)).toBe(["100203", "040203", "500033", "066000"].join("\n"));
  const eight = connectedComponents(mask, 8);
  expect(eight.count).toBe(2);
  expect(drawn(mask, eight.ids)).toBe(["100202", "010202", "100022", "011000"].join("\n"));
});

test("pixels of different ids never hang together", () => {
  const map = { width: 4, height: 2, data: Int32Array.of(7, 7, 3, 7, 0, 7, 3, 7) };
  const { ids, count } = connectedComponents(map);
  expect(count).toBe(3);
  expect([...ids]).toEqual([1, 1, 2, 3, 0, 1, 2, 3]);
});

/** The definition: spread the smallest index until nothing changes. */
function slowComponents({ width, height, data }: IdMap, connectivity: 4 | 8): Int32Array {
  const first = Array.from(data, (value, i) => (value === 0 ? Infinity : i));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < first.length; i++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [x, y] = [(i % width) + dx, Math.floor(i / width) + dy];
          if (x < 0 || y < 0 || x >= width || y >= height) continue;
          if (connectivity === 4 && dx !== 0 && dy !== 0) continue;
          const j = y * width + x;
          if (data[j] !== data[i] || first[j]! <= first[i]!) continue;
          first[j] = first[i]!;
          changed = true;
        }
  }
  return renumber(Int32Array.from(first, (i) => (i === Infinity ? 0 : i + 1))).ids;
}

test("it is the definition on any mask", () => {
  const cases = fc
    .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
    .chain(([width, height]) => masks(width, height));
  fc.assert(
    fc.property(cases, (one) => {
      for (const connectivity of [4, 8] as const) {
        const { ids, count } = connectedComponents(one, connectivity);
        expect(ids).toEqual(slowComponents(one, connectivity));
        expect(count).toBe(ids.reduce((most, id) => Math.max(most, id), 0));
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("thousands of provisional numbers become one", () => {
  // A comb: every tooth starts a number of its own, the last row joins them all.
  const [width, height] = [4001, 3];
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    i >= 2 * width || (i % width) % 2 === 0 ? 1 : 0,
  );
  const { ids, count } = connectedComponents({ width, height, data });
  expect(count).toBe(1);
  expect(ids.every((id, i) => id === data[i])).toBe(true);
});

test("values that do not fill the map are refused", () => {
  expectError(
    () => connectedComponents({ width: 3, height: 2, data: new Uint8Array(5) }),
    ShapeError,
    "connectedComponents: map of 3 x 2 (width x height) must hold 6 values, got 5",
  );
});

test("renumbering closes gaps and remembers the ids", () => {
  const { ids, originals } = renumber(Int32Array.of(0, 900, 900, 0, 4, 900, 70000));
  expect([...ids]).toEqual([0, 1, 1, 0, 2, 1, 3]);
  expect([...originals]).toEqual([0, 900, 4, 70000]);
});

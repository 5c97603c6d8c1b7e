import { expect, test } from "vitest";
import { sizeGroups } from "./sizeGroups.ts";

test("instances are counted in thirds of the true ones by area", () => {
  const groups = sizeGroups([
    { found: [100, 20], missed: [5, 6], invented: [1, 7, 30] },
    { found: [21], missed: [90], invented: [500] },
  ]);
  // True areas: 5 6 | 20 21 | 90 100.
  expect(groups).toEqual([
    { least: 5, most: 6, found: 0, missed: 2, invented: 1, precision: 0, recall: 0, f1: 0 },
    {
      ...{ least: 20, most: 21, found: 2, missed: 0, invented: 1 },
      ...{ precision: 2 / 3, recall: 1, f1: 4 / 5 },
    },
    {
      ...{ least: 90, most: 100, found: 1, missed: 1, invented: 2 },
      ...{ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 },
    },
  ]);
});

test("instances of one area stay together; without any there is no group", () => {
  const same = sizeGroups([{ found: [9, 9, 9], missed: [9], invented: [] }]);
  expect(same).toEqual([
    { least: 9, most: 9, found: 3, missed: 1, invented: 0, precision: 1, recall: 3 / 4, f1: 6 / 7 },
  ]);
  expect(sizeGroups([{ found: [], missed: [], invented: [4] }])).toEqual([]);
});

import { expect, test } from "vitest";
import { holm } from "./holm.ts";

test("the smallest p counts for all comparisons, the next for one less", () => {
  // By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, then 0.04, raised to what stands before it.
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
});

test("a corrected p is never above 1, and never below that of a smaller p", () => {
  expect(holm([0.6, 0.5])).toEqual([1, 1]);
  const corrected = holm([0.02, 0.021, 0.5]);
  expect(corrected[1]).toBeGreaterThanOrEqual(corrected[0]!);
});

test("NaN stays and does not count; nothing gives nothing", () => {
  expect(holm([0.02, NaN, 0.01])).toEqual([0.02, NaN, 0.02]);
  expect(holm([])).toEqual([]);
});

import { expect, it } from "vitest";
import { batchSizeOf, epochsFor, splitLessons } from "./teachingPlan.ts";

it("holds one image back from four on", () => {
  expect(splitLessons([1, 2, 3])).toEqual({ lessons: [1, 2, 3], heldBack: undefined });
  expect(splitLessons([1, 2, 3, 4])).toEqual({ lessons: [1, 2, 3], heldBack: 4 });
});

it("makes batches as even as can be, of at most four", () => {
  expect([1, 2, 4, 5, 6, 7, 9].map(batchSizeOf)).toEqual([1, 2, 4, 3, 3, 4, 3]);
});

it("takes about the steps that are wanted, and at least one epoch", () => {
  expect(epochsFor(40, 4)).toBe(40);
  expect(epochsFor(40, 5)).toBe(20);
  expect(epochsFor(5, 100)).toBe(1);
});

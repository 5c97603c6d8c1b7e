import { expect, test } from "vitest";
import { classesByMajority } from "./classesByMajority.ts";

test("an instance has the class of most of its pixels, the background not counted", () => {
  const ids = Int32Array.from([5, 5, 5, 5, 5, 0, 9, 9, 7]);
  const classes = Uint8Array.from([0, 0, 0, 3, 3, 2, 4, 1, 0]);
  // Of equals the lowest; background alone is class 1.
  expect([...classesByMajority(ids, classes)]).toEqual([3, 3, 3, 3, 3, 0, 1, 1, 1]);
});

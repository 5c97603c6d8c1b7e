import { expect, test } from "vitest";
import { multiLayer, singleLayer } from "./cellularAutomaton.ts";

test("a region that was rated wrongly takes the rating of those that look like it", () => {
  // Three dark and three light regions, all neighbours; the last light one was rated as dark.
  const colours = [[0.1], [0.12], [0.11], [0.8], [0.82], [0.81]];
  const ratings = Float64Array.from([0, 0.1, 0, 1, 0.9, 0.2]);
  const linked = colours.flatMap((_, a) =>
    colours.flatMap((__, b) => (a < b ? [[a, b] as const] : [])),
  );
  const settled = singleLayer(ratings, colours, linked);
  expect(settled[5]).toBeGreaterThan(0.8);
  expect(Math.max(...settled.subarray(0, 3))).toBeLessThan(0.2);
  expect([Math.min(...settled), Math.max(...settled)]).toEqual([0, 1]);
});

test("regions without neighbours, and equal ratings, are no division by zero", () => {
  const alone = Float64Array.from([0.3, 0.6]);
  expect(singleLayer(alone, [[0], [1]], [])).toBe(alone);
  const equal = singleLayer(Float64Array.from([0.5, 0.5, 0.5]), [[0], [0], [1]], [[0, 1]]);
  expect(equal.every(Number.isFinite)).toBe(true);
});

test("of several maps the majority decides", () => {
  const maps = [
    [0.9, 0.8, 0.1, 0.1],
    [0.9, 0.2, 0.2, 0.1],
    [0.8, 0.9, 0.1, 0.2],
  ].map((values) => Float64Array.from(values));
  const fused = multiLayer(maps);
  expect([Math.min(...fused), Math.max(...fused)]).toEqual([0, 1]);
  // Two of three maps hold pixel 1 for the object.
  expect(fused[1]).toBeGreaterThan(0.5);
  expect(fused[2]).toBeLessThan(0.2);
  expect(multiLayer([maps[0]!])).toHaveLength(4);
});

import { expect, test } from "vitest";
import type { TableRun } from "../tables/summariseTable.ts";
import { casesOfTable } from "./reproducePictures.node.ts";

const run = (seed: number, dice: Readonly<Record<string, number | null>>): TableRun => ({
  ...{ row: "sgd-net", fold: 1, seed, epochs: 1, trainingSeconds: 1, predictionMs: 1 },
  ...{ parameters: 1, macs: 1, unit: "px" },
  images: Object.entries(dice).map(([name, value]) => ({ name, scores: { dice: value } })),
});

test("cases are evenly spaced from the worst to the best by mean Dice; images without one do not count", () => {
  const runs = [
    run(0, { a: 0.9, b: 0.1, c: 0.5, d: 0.7, none: null }),
    run(1, { a: 0.9, b: 0.3, c: 0.5, d: 0.2, none: null }),
  ];
  // Means: b 0.2, d 0.45, c 0.5, a 0.9.
  expect(casesOfTable(runs, 2)).toEqual(["d", "a"]);
  expect(casesOfTable(runs, 9)).toEqual(["b", "d", "c", "a"]);
  expect(casesOfTable(runs, 0)).toEqual([]);
  expect(casesOfTable([], 4)).toEqual([]);
});

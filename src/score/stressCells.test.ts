import { expect, test } from "vitest";
import { sampleOfKinds } from "./sampleOfKinds.ts";
import { kindsOf, stressCells } from "./stressCells.ts";

const condition = { shift: "blur", strength: 0.5, amount: 2, unit: "sigma, pixels" };
const column = (values: number[]) => [{ label: "Dice", kind: "share" as const, values }];

test("means, losses and intervals are of each kind's images, paired", () => {
  const cells = stressCells(condition, column([0.9, 0.8, 0.7, 0.6]), column([0.8, 0.8, 0.2, 0.3]), [
    "a",
    "b",
    "a",
    "b",
  ]);
  expect(cells.map(({ kind, images }) => [kind, images])).toEqual([
    ["all", 4],
    ["a", 2],
    ["b", 2],
  ]);
  const [all, a, b] = cells;
  expect(all!.mean).toBeCloseTo(0.525, 12);
  expect(all!.unshifted).toBeCloseTo(0.75, 12);
  expect(all!.difference).toBeCloseTo(-0.225, 12);
  expect([a!.difference, b!.difference].map((value) => value.toFixed(6))).toEqual([
    "-0.300000",
    "-0.150000",
  ]);
  // Two images a kind: a draw holds one of them twice, or both.
  expect(a!.interval.low).toBeCloseTo(-0.5, 12);
  expect(a!.interval.high).toBeCloseTo(-0.1, 12);
  expect(all).toMatchObject(condition);
});

test("images without the metric on either side are left out of both means", () => {
  const [all] = stressCells(condition, column([0.9, NaN, 0.5]), column([0.7, 0.1, NaN]), [
    undefined,
    undefined,
    undefined,
  ]);
  expect([all!.images, all!.unshifted, all!.mean]).toEqual([1, 0.9, 0.7]);
  const [none] = stressCells(condition, column([NaN]), column([1]), [undefined]);
  expect([none!.images, none!.mean, none!.difference]).toEqual([0, NaN, NaN]);
});

test("distances that are infinite with and without the shift have not changed", () => {
  const [all] = stressCells(
    condition,
    [{ label: "HD95", kind: "distance", values: [Infinity, 3] }],
    [{ label: "HD95", kind: "distance", values: [Infinity, 5] }],
    [undefined, undefined],
  );
  expect(all!.difference).toBe(1);
});

test("kinds come after all images, by name", () => {
  expect(kindsOf(["b", undefined, "a", "b"])).toEqual(["all", "a", "b"]);
});

test("a few images show every kind, whatever its share, and are those of the seed", () => {
  const kinds = Array.from({ length: 100 }, (_, i) => (i < 94 ? "common" : `rare ${i % 3}`));
  const chosen = sampleOfKinds(kinds, 12, 7);
  const counts = new Map<string, number>();
  for (const i of chosen) counts.set(kinds[i]!, (counts.get(kinds[i]!) ?? 0) + 1);
  expect([...counts].sort()).toEqual([
    ["common", 6],
    ["rare 0", 2],
    ["rare 1", 2],
    ["rare 2", 2],
  ]);
  expect(sampleOfKinds(kinds, 12, 7)).toEqual(chosen);
  expect(sampleOfKinds(kinds, 12, 8)).not.toEqual(chosen);
  expect(sampleOfKinds(kinds, 0, 7)).toHaveLength(100);
  expect(sampleOfKinds(kinds, 500, 7)).toHaveLength(100);
});

import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError } from "../base/errors.ts";
import { bootstrapDefaults, bootstrapMean, bootstrapMeans } from "./bootstrap.ts";
import { comparePaired } from "./comparePaired.ts";
import { signFlipTest } from "./signFlipTest.ts";
import { summariseMetrics } from "./statistics.ts";

interface Case {
  readonly name: string;
  readonly values: readonly number[];
  readonly memberships: readonly (string | null)[];
  readonly groups: number;
  /** All draws were written out. */
  readonly exact: boolean;
  readonly low: number;
  readonly high: number;
}
const { confidence, cases } = JSON.parse(
  readFileSync(new URL("fixtures/clusterBootstrap.json", import.meta.url), "utf8"),
) as { confidence: number; cases: Case[] };
const groupsOf = ({ memberships }: Case) => memberships.map((group) => group ?? undefined);

test("the fixture holds every case", () => {
  expect(cases.map(({ exact }) => exact)).toEqual([true, true, true, false]);
});

describe.each(cases)("groups drawn whole: $name", (one) => {
  const { values, low, high } = one;
  const groups = groupsOf(one);

  it("give the interval of all draws written out, or of many", () => {
    const ours = bootstrapMean(values, { groups, confidence, resamples: 50_000 });
    // An exact quantile is one of finitely many means; drawn ones come near.
    const tolerance = one.exact ? 1e-12 : 0.03 * (high - low);
    expect(Math.abs(ours.low - low)).toBeLessThan(tolerance);
    expect(Math.abs(ours.high - high)).toBeLessThan(tolerance);
  });

  it("are counted beside the result", () => {
    expect(bootstrapDefaults({ groups })).toEqual({
      ...{ resamples: 2000, confidence: 0.95, seed: 0, groups: one.groups },
    });
  });
});

const alike = cases.at(-1)!;

test("images that resemble each other make the interval of groups wider than that of images", () => {
  const { values } = alike;
  const own = bootstrapMean(values);
  const ofGroups = bootstrapMean(values, { groups: groupsOf(alike) });
  expect(ofGroups.high - ofGroups.low).toBeGreaterThan(1.3 * (own.high - own.low));
});

test("groups of one image each change nothing, to the bit, and are not counted", () => {
  const { values } = alike;
  const groups = values.map((_, i) => (i % 2 === 0 ? `patient ${i}` : undefined));
  expect(bootstrapMean(values, { groups })).toEqual(bootstrapMean(values));
  expect(bootstrapDefaults({ groups })).toEqual(bootstrapDefaults());
});

test("values that do not count are left out with their groups", () => {
  const { values } = alike;
  const groups = groupsOf(alike);
  const some = values.map((value, i) => (i % 4 === 0 ? undefined : value));
  const kept = values.flatMap((_, i) => (i % 4 === 0 ? [] : [i]));
  const plain = bootstrapMean(
    kept.map((i) => values[i]!),
    { groups: kept.map((i) => groups[i]) },
  );
  expect(bootstrapMean(some, { groups })).toEqual(plain);
  const { metric } = summariseMetrics({ metric: some }, { groups });
  expect(metric).toMatchObject({ count: kept.length, interval: plain });
});

test("a single group has no interval, and there must be a group for each value", () => {
  expect(bootstrapMean([1, 2, 3], { groups: ["a", "a", "a"] })).toEqual({ low: NaN, high: NaN });
  expectError(
    () => bootstrapMeans([[1, 2, 3]], { groups: ["a"] }),
    ArgumentError,
    "bootstrap: groups must be one for each value, got 1 for 3 values",
  );
  expectError(
    () => comparePaired([1, 2], [2, 3], { groups: ["a"] }),
    ArgumentError,
    "comparePaired: needs a group for each image, got 1 for 2 images",
  );
});

test("two runs are compared by groups: interval over groups, signs of whole groups", () => {
  const groups = ["p", "p", "p", "q", "q", "r", "s", undefined];
  const a = [0.5, 0.6, 0.7, 0.4, 0.5, 0.8, 0.9, 0.3];
  const b = [0.6, 0.7, 0.8, 0.5, 0.6, 0.7, NaN, 0.4];
  const { count, interval, signFlip, wilcoxon } = comparePaired(a, b, { groups });
  const d = [0, 1, 2, 3, 4, 5, 7].map((i) => b[i]! - a[i]!);
  expect(count).toBe(7);
  expect(interval).toEqual(bootstrapMean(d, { groups: ["p", "p", "p", "q", "q", "r", undefined] }));
  // p: 0.3, q: 0.2, r: -0.1, the last 0.1: of 16 signs, those with |sum| of at least 0.5.
  expect(signFlip.p).toBe(6 / 16);
  expect(signFlip).toEqual(signFlipTest([0.3, 0.2, -0.1, 0.1]));
  expect(signFlip.p).toBeGreaterThan(comparePaired(a, b).signFlip.p);
  expect(wilcoxon).toEqual(comparePaired(a, b).wilcoxon);
});

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { splitDataset, type Split } from "./split.ts";
import { splitFolds } from "./splitFolds.ts";
import { groupByPattern, groupByTable, groupsOf } from "./splitGroups.ts";
import { parseRatio, splitRatio } from "./splitRatio.ts";
import { fillParts, type Splittable } from "./splitUnits.ts";

const runs = { numRuns: 100, seed: 7 };
const plain = (count: number): Splittable[] =>
  Array.from({ length: count }, (_, i) => ({ name: `s${String(i).padStart(4, "0")}` }));

const plainSamples = fc
  .uniqueArray(fc.stringMatching(/^[a-z0-9_]{1,6}$/), {
    minLength: 12,
    maxLength: 60,
  })
  .map((names) => names.map((name): Splittable => ({ name })));

/** Some of a dozen groups or more, some alone. */
const groupedSamples = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 12, maxLength: 25 })
  .map((sizes) =>
    sizes.flatMap((size, g) =>
      Array.from({ length: size }, (_, i): Splittable => ({
        name: `${i}_of_${g}`,
        ...((size > 1 || g % 2 === 0) && { group: `g${g}` }),
      })),
    ),
  );
const anySamples = fc.oneof(plainSamples, groupedSamples);
const seeds = fc.integer({ min: 0, max: 1e6 });

const namesOf = (samples: readonly Splittable[]): string[] =>
  samples.map(({ name }) => name).sort();
const allOf = ({ train, validation, test }: Split): string[] => [...train, ...validation, ...test];
const largestGroup = (samples: readonly Splittable[]): number => {
  const sizes = new Map<string, number>();
  for (const { group = "" } of samples) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  sizes.delete("");
  return Math.max(1, ...sizes.values());
};

/** Every name in just one part, parts sorted, groups whole. */
function expectPartition(samples: readonly Splittable[], split: Split): void {
  expect(allOf(split).sort()).toEqual(namesOf(samples));
  const partOf = new Map<string, readonly string[]>();
  for (const part of [split.train, split.validation, split.test]) {
    expect([...part].sort()).toEqual(part);
    for (const name of part) partOf.set(name, part);
  }
  const first = new Map<string, string>();
  for (const { name, group } of samples) {
    if (group === undefined) continue;
    const other = first.get(group) ?? name;
    first.set(group, other);
    expect(partOf.get(name)).toBe(partOf.get(other));
  }
}

describe("folds", () => {
  const options = fc.record({
    folds: fc.integer({ min: 2, max: 8 }),
    shuffle: fc.boolean(),
    seed: seeds,
    validation: fc.constantFrom(0, 0.1, 0.3),
  });

  it("test every sample once, in partitions that cut no group", () => {
    fc.assert(
      fc.property(anySamples, options, (samples, given) => {
        const splits = splitFolds(samples, given);
        expect(splits).toHaveLength(given.folds);
        for (const split of splits) {
          expectPartition(samples, split);
          expect(split.validation.length > 0).toBe(given.validation > 0);
          expect(split.train.length).toBeGreaterThan(0);
        }
        expect(splits.flatMap(({ test }) => test).sort()).toEqual(namesOf(samples));
      }),
      runs,
    );
  });

  it("differ in size by at most one sample, or one group", () => {
    fc.assert(
      fc.property(anySamples, options, (samples, given) => {
        const sizes = splitFolds(samples, given).map(({ test }) => test.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largestGroup(samples));
      }),
      runs,
    );
  });

  it("depend on names, groups and seed, not on the order of the samples", () => {
    fc.assert(
      fc.property(anySamples, options, seeds, (samples, given, order) => {
        const shuffled = [...samples].sort((a, b) =>
          hash(a.name, order) < hash(b.name, order) ? -1 : 1,
        );
        expect(splitFolds(shuffled, given)).toEqual(splitFolds(samples, given));
      }),
      runs,
    );
  });

  it("are contiguous unless shuffled: fifths of the sorted names, the first ones larger", () => {
    const samples = plain(12);
    const tests = splitFolds(samples, { folds: 5, seed: 0 }).map(({ test }) => test);
    expect(tests.map((names) => names.length)).toEqual([3, 3, 2, 2, 2]);
    expect(tests.flat()).toEqual(namesOf(samples));
    const shuffled = splitFolds(samples, { folds: 5, seed: 0, shuffle: true });
    expect(shuffled.flatMap(({ test }) => test)).not.toEqual(namesOf(samples));
    const other = splitFolds(samples, { folds: 5, seed: 1, shuffle: true });
    expect(other).not.toEqual(shuffled);
  });

  it("of groups of one are those without groups", () => {
    const samples = plain(23);
    const alone = samples.map(({ name }) => ({ name, group: name }));
    const options = { folds: 4, seed: 3, validation: 0.2 };
    expect(splitFolds(alone, options)).toEqual(splitFolds(samples, options));
  });

  it("refuse unusable numbers, too few samples, too few groups", () => {
    expectError(
      () => splitFolds(plain(9), { folds: 1, seed: 0 }),
      ArgumentError,
      "folds must be a whole number of at least 2, got 1",
    );
    expectError(
      () => splitFolds(plain(3), { folds: 5, seed: 0 }),
      DataError,
      "folds: 5 folds must have at least one of the samples each, got 3 samples; lower --folds",
    );
    const three = plain(9).map(({ name }, i) => ({ name, group: `g${i % 3}` }));
    expectError(
      () => splitFolds(three, { folds: 5, seed: 0 }),
      DataError,
      "folds: 5 folds must have at least one of the groups each, got 3 groups; lower --folds",
    );
    expectError(
      () => splitFolds([...plain(3), ...plain(1)], { folds: 2, seed: 0 }),
      DataError,
      "split: names must be unique, got s0000 twice",
    );
  });
});

describe("a ratio", () => {
  const ratios = fc.constantFrom([7, 1, 2], [8, 2], [1, 1, 1], [6, 0, 4], [97, 1, 2]);

  it("gives partitions that cut no group and fill every part, whatever the order", () => {
    fc.assert(
      fc.property(anySamples, ratios, seeds, (samples, ratio, seed) => {
        const split = splitRatio(samples, { ratio, seed });
        expectPartition(samples, split);
        const parts = [split.train, split.validation, split.test];
        for (const [i, part] of parts.entries()) {
          expect(part.length > 0).toBe((ratio[i] ?? 0) > 0);
        }
        expect(splitRatio([...samples].reverse(), { ratio, seed })).toEqual(split);
      }),
      runs,
    );
  });

  it("is met as nearly as whole samples, or groups, come", () => {
    const sizesOf = ({ train, validation, test }: Split) => [
      train.length,
      validation.length,
      test.length,
    ];
    expect(sizesOf(splitRatio(plain(2594), { ratio: [7, 1, 2], seed: 0 }))).toEqual([
      1816, 259, 519,
    ]);
    fc.assert(
      fc.property(groupedSamples, seeds, (samples, seed) => {
        const split = splitRatio(samples, { ratio: [7, 1, 2], seed });
        for (const [i, share] of [0.7, 0.1, 0.2].entries()) {
          const off = Math.abs(sizesOf(split)[i]! - share * samples.length);
          expect(off).toBeLessThanOrEqual(2 * largestGroup(samples) + 1);
        }
      }),
      runs,
    );
  });

  it("is written with colons", () => {
    expect(parseRatio("7:1:2")).toEqual([7, 1, 2]);
    for (const text of ["7", "7:1:2:3", "0:1:2", "7:-1:2", "a:b", "7::2", ""]) {
      expectError(
        () => parseRatio(text),
        ArgumentError,
        `ratio must be training:validation:test or training:validation in numbers of at least 0, the first above 0, got ${text}; write e.g. 7:1:2`,
      );
    }
    expectError(
      () => splitRatio(plain(2), { ratio: [7, 1, 2], seed: 0 }),
      DataError,
      "ratio: 3 parts must have at least one sample each, got 2; add samples",
    );
  });
});

test("a share of grouped samples keeps groups whole and both parts filled", () => {
  fc.assert(
    fc.property(groupedSamples, seeds, (samples, seed) => {
      const split = splitDataset(samples, { validation: 0.1, test: 0.2, seed });
      expectPartition(samples, split);
      for (const part of [split.train, split.validation, split.test]) {
        expect(part.length).toBeGreaterThan(0);
      }
    }),
    runs,
  );
});

test("a part is filled by moving a unit, and too few units are refused", () => {
  const units = [["a1", "a2"], ["b1", "b2"], ["c"]];
  expect(fillParts(units, [5, 0, 0])).toEqual([["a1", "a2", "b1", "b2", "c"], [], []]);
  expect(fillParts(units, [3, 1, 1]).map((part) => part.length)).toEqual([2, 1, 2]);
  expectError(
    () => fillParts(units.slice(0, 1), [1, 1]),
    DataError,
    "split: 2 parts must have at least one group each, got 1 groups; give fewer parts, or groups that are finer",
  );
});

describe("groups", () => {
  const samples = [{ name: "p1_a" }, { name: "p1_b" }, { name: "p2_a", group: "old" }];

  it("come from a pattern's first capture", () => {
    const grouped = groupByPattern(samples, "^(p\\d+)_");
    expect(grouped.map(({ group }) => group)).toEqual(["p1", "p1", "p2"]);
    expect(groupsOf(grouped)).toEqual({ p1_a: "p1", p1_b: "p1", p2_a: "p2" });
    expect(groupsOf(samples.slice(0, 2))).toBeUndefined();
    expectError(
      () => groupByPattern(samples, "^(q\\d+)_"),
      DataError,
      "group: pattern ^(q\\d+)_ must fit every name and capture its group, got p1_a, which it does not fit",
    );
    expectError(
      () => groupByPattern(samples, "^p\\d+_"),
      ArgumentError,
      "group: pattern must have a capture, which is the group, got ^p\\d+_; put it in parentheses, as in ^(patient\\d+)_",
    );
    expectError(
      () => groupByPattern(samples, "^(p"),
      ArgumentError,
      "group: pattern must be a regular expression, got Invalid regular expression",
    );
  });

  it("come from a table", () => {
    const table = new Map([
      ["p1_a", "x"],
      ["p1_b", "y"],
      ["p2_a", "x"],
      ["more", "z"],
    ]);
    expect(groupByTable(samples, table).map(({ group }) => group)).toEqual(["x", "y", "x"]);
    table.delete("p1_b");
    expectError(
      () => groupByTable(samples, table, "groups.csv"),
      DataError,
      "groups.csv: every image must have its group, got 1 of 3 without: p1_b",
    );
  });
});

/** An order that has nothing to do with the names'. */
function hash(name: string, seed: number): number {
  let value = seed >>> 0;
  for (const letter of name) value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return value;
}

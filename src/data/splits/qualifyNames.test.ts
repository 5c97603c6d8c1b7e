import { expect, test } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import type { Sample } from "../dataset.ts";
import { bareName, qualifyNames } from "./qualifyNames.ts";
import { selectSamples } from "./split.ts";
import { groupByPattern, groupByTable } from "./splitGroups.ts";

const samples = (part: string, names: readonly string[]): Sample[] =>
  names.map((name) => ({
    name,
    image: `${part}/${name}.png`,
    labels: { kind: "mask", path: `${part}/${name}_mask.png` },
  }));
const names = (of: readonly Sample[]) => of.map(({ name }) => name);
const set = {
  train: samples("train", ["001", "002", "only"]),
  validation: samples("val", ["001"]),
  test: samples("test", ["002", "t"]),
};

test("if one name is in two parts, all carry their part; else they stay", () => {
  const { train, validation, test } = qualifyNames(set);
  expect(names(train)).toEqual(["train/001", "train/002", "train/only"]);
  expect(names(validation)).toEqual(["validation/001"]);
  expect(names(test)).toEqual(["test/002", "test/t"]);
  expect(train[1]!.image).toBe("train/002.png");
  expect(names(train).map(bareName)).toEqual(["001", "002", "only"]);
  const clear = { ...set, validation: [], test: [] };
  expect(qualifyNames(clear)).toBe(clear);
});

test("a split that names a sample without its part still finds it, if there is only one", () => {
  const { train, test } = qualifyNames(set);
  expect(selectSamples(test, ["002", "t"]).map(({ image }) => image)).toEqual([
    "test/002.png",
    "test/t.png",
  ]);
  expectError(
    () => selectSamples([...train, ...test], ["002"], "split.json"),
    DataError,
    "split.json: all names must be in the data set, got 1 of 1 missing: 002",
  );
});

test("patterns and tables of groups know the names without their part", () => {
  const { train } = qualifyNames(set);
  expect(groupByPattern(train, "^(.)").map(({ group }) => group)).toEqual(["0", "0", "o"]);
  const table = new Map([
    ["001", "a"],
    ["train/002", "b"],
    ["002", "c"],
    ["only", "d"],
  ]);
  expect(groupByTable(train, table).map(({ group }) => group)).toEqual(["a", "b", "d"]);
});

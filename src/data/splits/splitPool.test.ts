import { describe, expect, it } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import type { Sample } from "../dataset.ts";
import type { SplitProtocol } from "./split.ts";
import { poolOf, samplesOfSplit } from "./splitPool.ts";

const samples = (part: string, names: readonly string[]): Sample[] =>
  names.map((name) => ({
    name,
    image: `${part}/${name}.png`,
    labels: { kind: "mask", path: `${part}/${name}_mask.png` },
  }));
const dataset = {
  root: "set",
  train: samples("train", ["a", "b", "c"]),
  validation: samples("val", ["d"]),
  // The official test part repeats a name of the training part.
  test: samples("test", ["a", "t"]),
};
const protocol: SplitProtocol = { method: "folds", pool: "train", officialTest: false };
const images = (found: readonly Sample[]): string[] => found.map(({ image }) => image);

describe("a pool", () => {
  it("holds the samples of its parts, sorted", () => {
    expect(images(poolOf(dataset, "train"))).toEqual(images(dataset.train));
    expect(poolOf(dataset, "train+validation").map(({ name }) => name)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("must not be empty, nor hold a name twice", () => {
    expectError(
      () => poolOf({ ...dataset, train: [] }, "train"),
      DataError,
      "set: pool train must hold images, got none (train 0, validation 1, test 2); choose another --pool",
    );
    expectError(
      () => poolOf(dataset, "all"),
      DataError,
      "set: names must be unique in pool all, got a in two parts; rename one, or choose another --pool",
    );
  });
});

describe("the samples of a split", () => {
  const split = { train: ["b"], validation: ["c"], test: ["a"] };

  it("without a protocol come from the official test part, where there is one", () => {
    expect(images(samplesOfSplit(dataset, split).test)).toEqual(["test/a.png"]);
    expect(images(samplesOfSplit({ ...dataset, test: [] }, split).test)).toEqual(["train/a.png"]);
  });

  it("of folds come from the pool: the official test part is not touched", () => {
    const fold = samplesOfSplit(dataset, { ...split, protocol });
    expect(images(fold.test)).toEqual(["train/a.png"]);
    expectError(
      () => samplesOfSplit(dataset, { ...split, test: ["t"], protocol }, "fold-1.json"),
      DataError,
      "fold-1.json: all names must be in the data set, got 1 of 1 missing: t",
    );
  });

  it("of the official parts come each from its own", () => {
    const official = { ...protocol, method: "official" as const, officialTest: true };
    const { train, validation, test } = samplesOfSplit(dataset, {
      ...{ train: ["a"], validation: ["d"], test: ["a"] },
      protocol: official,
    });
    expect(images([...train, ...validation, ...test])).toEqual([
      "train/a.png",
      "val/d.png",
      "test/a.png",
    ]);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectError, expectRejection } from "../../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { labelsPath } from "../labels/readLabelSource.node.ts";
import { selectSamples, splitDataset } from "./split.ts";
import { readSplit, writeSplit } from "./splitFile.node.ts";

const samples = Array.from({ length: 20 }, (_, i) => {
  const name = String(i).padStart(4, "0");
  return {
    name,
    image: `images/${name}.png`,
    labels: { kind: "mask" as const, path: `masks/${name}.png` },
  };
});

test("parts have the asked sizes, are disjoint, sorted, and hold every name", () => {
  const split = splitDataset(samples, { validation: 0.1, test: 0.25, seed: 1 });
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([13, 2, 5]);
  const all = [...split.train, ...split.validation, ...split.test];
  expect([...all].sort()).toEqual(samples.map((s) => s.name));
  for (const part of [split.train, split.validation, split.test]) {
    expect([...part].sort()).toEqual(part);
  }
});

test("the split depends on seed and names, not on the order of the samples", () => {
  const options = { validation: 0.3, seed: 4 };
  expect(splitDataset([...samples].reverse(), options)).toEqual(splitDataset(samples, options));
  expect(splitDataset(samples, { ...options, seed: 5 })).not.toEqual(
    splitDataset(samples, options),
  );
});

test("a fraction above 0 gives at least one, 0 gives none", () => {
  const split = splitDataset(samples.slice(0, 3), { validation: 0.01, test: 0, seed: 1 });
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([2, 1, 0]);
});

test("bad fractions, too few samples and repeated names are refused", () => {
  expectError(
    () => splitDataset(samples, { validation: 1, seed: 1 }),
    ArgumentError,
    "split: validation must be a fraction from 0 to below 1, got 1",
  );
  expectError(
    () => splitDataset(samples.slice(0, 2), { validation: 0.1, test: 0.1, seed: 1 }),
    DataError,
    "split: training must keep at least one of the samples, got 2 samples of which 1 for validation and 1 for test; add samples or lower the fractions",
  );
  expectError(
    () => splitDataset([samples[0]!, samples[0]!], { validation: 0.5, seed: 1 }),
    DataError,
    "split: names must be unique, got 0000 twice",
  );
});

test("samples are selected by name, and missing names are told", () => {
  expect(selectSamples(samples, ["0003", "0001"]).map((s) => labelsPath(s.labels))).toEqual([
    "masks/0003.png",
    "masks/0001.png",
  ]);
  expectError(
    () => selectSamples(samples, ["0001", "x", "y"], "run/split.json"),
    DataError,
    "run/split.json: all names must be in the data set, got 2 of 3 missing: x, y",
  );
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-split-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a split comes back from its file", async () => {
  const split = splitDataset(samples, { validation: 0.2, seed: 9 });
  await writeSplit(join(folder, "split.json"), split);
  expect(await readSplit(join(folder, "split.json"))).toEqual(split);
});

test("files that are no split are refused", async () => {
  const path = join(folder, "split.json");
  await expectRejection(
    readSplit(path),
    DataError,
    `${path}: must be a readable split, got no such file or folder (ENOENT)`,
  );
  await writeFile(path, "{");
  await expectRejection(readSplit(path), DataError, `${path}: must be JSON, got `);
  await writeFile(path, '{"train": ["a"], "validation": [1], "test": []}');
  await expectRejection(
    readSplit(path),
    DataError,
    `${path}: split must hold lists of names train, validation and test, got `,
  );
  await writeFile(path, '{"train": ["a"], "validation": ["a"], "test": []}');
  await expectRejection(
    readSplit(path),
    DataError,
    `${path}: a name must be in one part only once, got a twice`,
  );
});

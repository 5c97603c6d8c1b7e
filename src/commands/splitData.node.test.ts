import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { putIsic2018, putMask, putImage } from "../../test/helpers/layoutTrees.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { splitData } from "./splitData.node.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-split-data-"));
  await putIsic2018(at("isic"));
  for (const part of ["train", "test"]) {
    for (let n = 0; n < (part === "train" ? 10 : 3); n++) {
      await putImage(at("parts"), `${part}/images/${n}.png`, `${part} ${n}`);
      await putMask(at("parts"), `${part}/masks/${n}.png`, n);
    }
  }
});
afterAll(() => rm(root, { recursive: true }));

const id = (n: number): string => `ISIC_000000${n}`;

test("official parts are those of the data set, and need neither share nor seed", async () => {
  const { splits } = await splitData({ path: at("isic"), out: at("a"), official: true });
  expect(await readSplit(splits[0]!.file)).toEqual({
    ...{ train: [id(0), id(1), id(2)], validation: [id(3)], test: [id(4), id(5)] },
    protocol: { method: "official", pool: "train", officialTest: true },
  });
});

test("without an official validation part, a share of the training part validates", async () => {
  const options = { path: at("parts"), out: at("b"), official: true, validation: 0.2, seed: 4 };
  const { splits } = await splitData(options);
  const { train, validation, test: tests, protocol } = await readSplit(splits[0]!.file);
  expect([train.length, validation.length]).toEqual([8, 2]);
  // The parts share names.
  expect([...train, ...validation].sort()).toEqual(
    Array.from({ length: 10 }, (_, n) => `train/${n}`),
  );
  expect(tests).toEqual(["test/0", "test/1", "test/2"]);
  expect(protocol).toMatchObject({ officialTest: true, validation: 0.2, seed: 4 });
});

test("a ratio of two keeps the official test part, a ratio of three leaves it alone", async () => {
  const common = { path: at("parts"), nearDuplicates: false };
  const two = await splitData({ ...common, out: at("c"), ratio: "8:2" });
  expect(two.splits[0]).toMatchObject({ train: 8, validation: 2, test: 3 });
  expect((await readSplit(two.splits[0]!.file)).protocol!.officialTest).toBe(true);
  const three = await splitData({ ...common, out: at("d"), ratio: "7:1:2" });
  expect(three.splits[0]).toMatchObject({ train: 7, validation: 1, test: 2 });
  const { test: tests, protocol } = await readSplit(three.splits[0]!.file);
  expect([tests.length, protocol!.officialTest]).toEqual([2, false]);
  expect(three.nearDuplicates).toBeUndefined();
});

test("a pool of several parts is split as one", async () => {
  const folds = { path: at("isic"), folds: 2, validation: 0, out: at("e") };
  const { splits } = await splitData({ ...folds, pool: "train+validation" });
  expect(splits.map(({ test: tests }) => tests)).toEqual([2, 2]);
  const all = await splitData({ ...folds, pool: "all", out: at("f") });
  expect(all.splits.map(({ test: tests }) => tests)).toEqual([3, 3]);
});

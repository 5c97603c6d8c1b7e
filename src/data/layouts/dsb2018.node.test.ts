import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  grid,
  gridCount,
  namesOf,
  putDsb2018,
  putImage,
  putMap,
  readAll,
} from "../../../test/helpers/layoutTrees.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

test("Data Science Bowl 2018 opens, with an instance for each mask file, and reads", async () => {
  await putDsb2018(root);
  await putDsb2018(root, "stage1_test");
  const data = await openDataset(root);
  expect([data.layout, data.instances]).toEqual(["dsb2018", true]);
  expect(namesOf(data)).toEqual([["00ae65c1", "0121d675"], [], ["00ae65c1", "0121d675"]]);
  expect(await readAll(data)).toEqual(Array(4).fill([12, 3]));
});

test("the Bowl's folders open without stage1_train, and its test images without masks are left aside", async () => {
  await putDsb2018(root, ".");
  expect(namesOf(await openDataset(root))[0]).toEqual(["00ae65c1", "0121d675"]);
  await rm(root, { recursive: true });
  await putDsb2018(root);
  await putImage(root, "stage1_test/ffff/images/ffff.png");
  expect(namesOf(await openDataset(root))).toEqual([["00ae65c1", "0121d675"], [], []]);
});

test("an image of the Bowl without masks is named", async () => {
  await putDsb2018(root);
  await rm(join(root, "stage1_train/0121d675/masks"), { recursive: true });
  const folder = `${root}/stage1_train/0121d675`;
  await refused(
    `${folder}: image must have masks, one file for each nucleus, in ${folder}/masks, got none; 1 of 2 images lack them`,
  );
});

test("the Bowl's label-map form is found to be instances", async () => {
  for (const name of ["a", "b"]) {
    await putImage(root, `images/${name}.png`);
    await putMap(root, `labels/${name}.png`, grid, true);
  }
  const data = await openDataset(root);
  expect([data.layout, data.instances]).toEqual(["folders", true]);
  expect(await readAll(data)).toEqual(Array(2).fill([gridCount * 4, gridCount]));
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  namesOf,
  put,
  putImage,
  putIsic2018,
  putMask,
  readAll,
  rectangle,
} from "../../../test/helpers/layoutTrees.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

test("ISIC 2018 opens with its three official parts, and reads", async () => {
  await putIsic2018(root);
  const data = await openDataset(root);
  expect([data.layout, data.instances]).toEqual(["isic2018", false]);
  expect(namesOf(data)).toEqual([
    ["ISIC_0000000", "ISIC_0000001", "ISIC_0000002"],
    ["ISIC_0000003"],
    ["ISIC_0000004", "ISIC_0000005"],
  ]);
  expect(await readAll(data)).toEqual([0, 1, 2, 3, 4, 5].map((n) => [rectangle(n), 0]));
});

test("ISIC 2018 opens from a mirror: nested twice, with suffixes, in other case, with macOS's files", async () => {
  await putImage(
    root,
    "x/ISIC2018_Task1-2_Training_Input (1)/isic2018_task1-2_training_input/A.JPG",
  );
  await putMask(root, "x/ISIC2018_Task1_Training_GroundTruth_x2/inner/a_Segmentation.PNG");
  await put(root, "x/ISIC2018_Task1_Training_GroundTruth_x2/inner/._a_Segmentation.PNG", "junk");
  await put(root, "__MACOSX/ISIC2018_Task1-2_Test_Input/._b.jpg", "junk");
  expect(namesOf(await openDataset(root))).toEqual([["A"], [], []]);
});

test("an ISIC 2018 part without its ground truth is named", async () => {
  await putIsic2018(root);
  await rm(join(root, "ISIC2018_Task1_Validation_GroundTruth"), { recursive: true });
  await refused(
    `${root}: ISIC 2018 needs ISIC2018_Task1-2_Validation_Input and ISIC2018_Task1_Validation_GroundTruth, got only ${root}/ISIC2018_Task1-2_Validation_Input`,
  );
});

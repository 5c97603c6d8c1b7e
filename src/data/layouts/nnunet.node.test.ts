import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  namesOf,
  putImage,
  putNnunet,
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

test("nnU-Net raw opens with its classes and test part, and reads", async () => {
  await putNnunet(join(root, "nnUNet_raw", "Dataset001_Skin"));
  const data = await openDataset(root);
  expect([data.layout, data.classes, data.instances]).toEqual([
    "nnunet",
    ["nevus", "melanoma"],
    false,
  ]);
  expect(namesOf(data)).toEqual([["case_1", "case_2", "case_3"], [], ["case_9"]]);
  expect(await readAll(data)).toEqual([0, 1, 2, 0].map((n) => [rectangle(n), 0]));
});

test("a single fold of nnU-Net is the validation part, several are not; test images without labels are left aside", async () => {
  await putNnunet(root);
  await rm(join(root, "labelsTs"), { recursive: true });
  const splits = join(root, "splits_final.json");
  const fold = { train: ["case_1", "case_3"], val: ["case_2"] };
  await writeFile(splits, JSON.stringify([fold]));
  expect(namesOf(await openDataset(root))).toEqual([["case_1", "case_3"], ["case_2"], []]);
  await writeFile(splits, JSON.stringify([fold, fold]));
  expect(namesOf(await openDataset(root))[1]).toEqual([]);
  await writeFile(splits, JSON.stringify([{ train: [], val: ["case_7"] }]));
  await refused(`${splits}: cases must be those of imagesTr, got case_7`);
});

test("what nnU-Net's dataset.json may not hold is refused with what to do", async () => {
  const json = join(root, "dataset.json");
  const cases = [
    [{ labels: undefined }, "labels must name the classes with their numbers, as"],
    [
      { labels: { background: 0, a: 1, ignore: 2 } },
      'labels must not leave pixels out, got an "ig',
    ],
    [
      { labels: { background: 0, whole: [1, 2], core: 2 } },
      "labels must each be one number, got the",
    ],
    [
      { labels: { "0": "background", "1": "a" } },
      'labels must be whole numbers by name, got "backg',
    ],
    [
      { labels: { background: 0, a: 1, b: 3 } },
      "labels must be consecutive from background 0, got none for 2",
    ],
    [{ labels: { a: 1 } }, "labels must be consecutive from background 0, got none for 0"],
    [{ labels: { background: 0, a: 1, b: 1 } }, 'labels must differ, got 1 for "a" and "b"'],
    [
      { labels: { background: 0, lesion: 1_000_000_000 } },
      'labels must be numbers up to 255, got 1000000000 for "lesion"',
    ],
    [{ labels: { background: 0 } }, "must name 1 to 255 classes (not the background), got 0"],
    [
      { file_ending: ".nii.gz" },
      "file_ending must be one of .png .jpg .jpeg .webp .tif .tiff .gif",
    ],
    [{ numTraining: 4 }, "numTraining must be the number of images in imagesTr, 3, got 4"],
  ] as const;
  for (const [change, message] of cases) {
    await putNnunet(root, change);
    await refused(`${json}: ${message}`);
  }
});

test("what nnU-Net's folders lack is named", async () => {
  await putNnunet(root);
  await rm(join(root, "labelsTr/case_2.png"));
  await refused(
    `${root}/imagesTr: image of case case_2 must have labels case_2.png in ${root}/labelsTr, got none; 1 of 3 images lack them`,
  );
  await putImage(root, "imagesTr/case_1_0001.png");
  await refused(
    `${root}/imagesTr/case_1_0001.png: each case must be one file of grey or RGB pixels, case_1_0000.png, got channel 0001 in a file of its own; join`,
  );
  await rm(join(root, "labelsTr"), { recursive: true });
  await refused(
    `${root}: nnU-Net needs labelsTr beside imagesTr, got imagesTr, imagesTs, labelsTs`,
  );
  await rm(join(root, "dataset.json"));
  await refused(`${root}: nnU-Net needs dataset.json beside imagesTr, got none`);
  await rm(root, { recursive: true });
  await putNnunet(join(root, "Dataset001_A"));
  await putNnunet(join(root, "Dataset002_B"));
  await refused(
    `${root}: must hold one data set of nnU-Net, got 2: Dataset001_A, Dataset002_B; give the folder of one`,
  );
});

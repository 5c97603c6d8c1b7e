import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { DataError } from "../base/errors.ts";
import { layouts, listImages, openDataset } from "./openDataset.node.ts";
import { labelsPath } from "./labels/readLabelSource.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-data-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Files by name only: finding them decodes nothing. */
async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), "");
  }
}

test("images and masks of the same stem are paired and sorted by name", async () => {
  await files("images/b.jpg", "images/a.png", "masks/a.png", "masks/b.png", "masks/extra.png");
  const data = await openDataset(root);
  const mask = (name: string) => ({ kind: "mask", path: join(root, "masks", name) });
  expect(data).toEqual({
    root,
    layout: "folders",
    classes: ["foreground"],
    instances: false,
    train: [
      { name: "a", image: join(root, "images/a.png"), labels: mask("a.png") },
      { name: "b", image: join(root, "images/b.jpg"), labels: mask("b.png") },
    ],
    validation: [],
    test: [],
  });
});

test("suffixes, case and folder names may differ; hidden and other files are passed over", async () => {
  await files(
    "Images/One.JPG",
    "Images/two_image.png",
    "Images/Thumbs.db",
    "Images/._One.JPG",
    "Labels/one_Segmentation.png",
    "Labels/TWO_mask.PNG",
  );
  const { train } = await openDataset(root);
  expect(train.map((s) => [s.name, labelsPath(s.labels)])).toEqual([
    ["One", join(root, "Labels/one_Segmentation.png")],
    ["two_image", join(root, "Labels/TWO_mask.PNG")],
  ]);
});

test("parts are found above and below images and masks", async () => {
  await files("train/images/a.png", "train/masks/a.png", "val/images/b.png", "val/masks/b.png");
  await files("test/images/c.png", "test/masks/c.png");
  const above = await openDataset(root);
  expect([above.train, above.validation, above.test].map((p) => p.map((s) => s.name))).toEqual([
    ["a"],
    ["b"],
    ["c"],
  ]);
  await rm(root, { recursive: true });
  await files("images/train/a.png", "masks/train/a.png", "images/test/c.png", "masks/test/c.png");
  const below = await openDataset(root);
  expect([below.train, below.validation, below.test].map((p) => p.map((s) => s.name))).toEqual([
    ["a"],
    [],
    ["c"],
  ]);
});

test("ISIC 2016 is found by its official names, nested and in any case", async () => {
  const isic = "ISBI2016_ISIC_Part1";
  await files(
    `${isic}_Training_Data/ISIC_0000001.jpg`,
    `${isic}_Training_Data/ISIC_0000000.jpg`,
    `${isic}_Training_GroundTruth/ISIC_0000000_Segmentation.png`,
    `${isic}_Training_GroundTruth/ISIC_0000001_Segmentation.png`,
    `x/isbi2016_isic_part1_test_data/isbi2016_isic_part1_test_data/ISIC_0000003.jpg`,
    `x/${isic}_Test_GroundTruth (1)/ISIC_0000003_segmentation.png`,
  );
  const data = await openDataset(root);
  expect(data.layout).toBe("isic2016");
  expect(data.train.map((s) => s.name)).toEqual(["ISIC_0000000", "ISIC_0000001"]);
  expect(data.test.map((s) => s.name)).toEqual(["ISIC_0000003"]);
});

test("an ISIC part without its masks is named", async () => {
  await files("ISBI2016_ISIC_Part1_Test_Data/ISIC_0000003.jpg");
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}: ISIC 2016 needs ISBI2016_ISIC_Part1_Test_Data and ..._Test_GroundTruth, got only ${root}/ISBI2016_ISIC_Part1_Test_Data`,
  );
});

test("a missing mask is named, with the number of images that lack one", async () => {
  await files("images/a.png", "images/b.png", "images/c.png", "masks/a.png");
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}/images/b.png: image must have a mask named b.png (or with _segmentation, _mask, _lesion, ...) in ${root}/masks, got none; 2 of 3 images lack one`,
  );
});

test("two images or two masks of one stem are refused", async () => {
  await files("images/a.png", "images/a.jpg", "masks/a.png");
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}/images/a.png: file names without extension must be unique, got a.jpg beside it; remove or rename one`,
  );
  await rm(root, { recursive: true });
  await files("images/a.png", "masks/a_mask.png", "masks/a_seg.png");
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}/masks/a_seg.png: file names without extension must be unique, got a_mask.png beside it`,
  );
  await rm(root, { recursive: true });
  await files("images/a.png", "masks/a.png", "masks/a_mask.png");
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}/images/a.png: image must have one mask, got a.png and a_mask.png in ${root}/masks; remove or rename one`,
  );
});

test("empty folders are named", async () => {
  await mkdir(join(root, "images"));
  await mkdir(join(root, "masks"));
  await expectRejection(
    openDataset(root),
    DataError,
    `${root}/images: folder must hold images (.png .jpg`,
  );
  await expectRejection(
    listImages(join(root, "images")),
    DataError,
    `${root}/images: folder must hold images (.png .jpg`,
  );
});

test("where nothing fits, the message tells what was looked for, what is there, and what to do", async () => {
  const must = `${root}: must hold a data set of a known layout, got`;
  await expectRejection(
    openDataset(root),
    DataError,
    `${must} an empty folder; put the images into images/ and their masks, of the same names, into masks/\nlooked for:\n  nnunet    dataset.json, imagesTr/CASE_0000.png`,
  );
  await files("pictures/a.png", "b.jpg", "notes.txt");
  await expectRejection(
    openDataset(root),
    DataError,
    `${must} folders pictures and 1 image file such as b.jpg and 1 other file such as notes.txt; put the images`,
  );
  await rm(join(root, "notes.txt"));
  await files("images/a.png");
  await expectRejection(
    openDataset(root),
    DataError,
    `${must} folders images, pictures and 1 image file such as b.jpg; put the masks into masks/ beside images/`,
  );
  const inside = join(root, "images");
  await expectRejection(
    openDataset(inside),
    DataError,
    `${inside}: must hold a data set of a known layout, got 1 image file such as a.png; give the folder above it, ${root}`,
  );
});

test("each layout says in the message what it looks for", async () => {
  for (const { layout, looksFor } of layouts) {
    const message = await openDataset(root).then(String, String);
    expect(message).toContain(`\n  ${layout.padEnd(8)}  ${looksFor}`);
  }
});

test("a folder that is not there is named", async () => {
  const path = join(root, "none");
  await expectRejection(
    openDataset(path),
    DataError,
    `${path}: must be a readable folder, got no such file or folder (ENOENT)`,
  );
  await expectRejection(
    listImages(path),
    DataError,
    `${path}: must be an image or a folder of images, got no such file or folder (ENOENT)`,
  );
});

test("images to predict are a file itself or the images of a folder, sorted", async () => {
  await files("b.png", "a.JPG", "notes.txt", "sub/c.png");
  expect(await listImages(root)).toEqual([join(root, "a.JPG"), join(root, "b.png")]);
  expect(await listImages(join(root, "b.png"))).toEqual([join(root, "b.png")]);
});

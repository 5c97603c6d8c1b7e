import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { cocoJson, namesOf, put, putCoco, putImage } from "../../../test/helpers/layoutTrees.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";
import { readSample } from "../readSample.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

test("COCO opens in its usual forms, categories by id, and reads polygons and runs", async () => {
  for (const form of ["flat", "official"] as const) {
    await rm(root, { recursive: true, force: true });
    await putCoco(root, form);
    const data = await openDataset(root);
    expect([data.layout, data.classes, data.instances]).toEqual([
      "coco",
      ["nucleus", "mitosis"],
      true,
    ]);
    expect(data.train.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(data.validation.length).toBe(form === "official" ? 2 : 0);
    const { labels } = await readSample(data.train[0]!);
    expect([...labels.classes].filter((value) => value === 2).length).toBe(12);
    expect([...labels.classes].filter((value) => value === 1).length).toBe(5);
    expect((await readSample(data.train[1]!)).labels.classes.every((v) => v === 0)).toBe(true);
  }
});

test("COCO opens with images/ beside annotations/, in folders of parts, and with folders in file names", async () => {
  await put(root, "annotations/instances_default.json", JSON.stringify(cocoJson("sub/")));
  await putImage(root, "images/sub/A.JPG");
  await putImage(root, "images/sub/b.png");
  expect(namesOf(await openDataset(root))).toEqual([["A", "b"], [], []]);
  await rm(root, { recursive: true });
  for (const part of ["train", "valid", "test"]) {
    await put(root, `${part}/_annotations.coco.json`, JSON.stringify(cocoJson()));
    await putImage(root, `${part}/a.jpg`);
    await putImage(root, `${part}/b.png`);
  }
  expect(namesOf(await openDataset(root))).toEqual(Array(3).fill(["a", "b"]));
});

test("COCO of crowds alone tells no instances apart", async () => {
  await putCoco(root, "flat");
  const json = cocoJson();
  json.annotations.shift();
  await put(root, "annotations.json", JSON.stringify(json));
  expect((await openDataset(root)).instances).toBe(false);
  expect((await openDataset(root, { labels: "instances" })).instances).toBe(true);
});

test("COCO files that lack something are refused by entry", async () => {
  await putCoco(root, "flat");
  const path = join(root, "annotations.json");
  const changed = async (change: (json: ReturnType<typeof cocoJson>) => void, message: string) => {
    const json = cocoJson();
    change(json);
    await writeFile(path, JSON.stringify(json));
    await refused(`${path}: ${message}`);
  };
  await changed(
    (json) => (json.images[1]!.file_name = "c.png"),
    "image 3 must have its file c.png in images/, in a folder of the part's name, or beside the annotations, got none; 1 of 2",
  );
  await changed((json) => (json.images[1]!.id = 7), "ids of images must be unique, got 7 twice");
  await changed(
    (json) => (json.images[1]!.width = 0),
    "image 1, width must be a whole number from 1, got 0",
  );
  await changed(
    (json) => (json.categories[1]!.id = 9),
    "ids of categories must be unique, got 9 twice",
  );
  await changed(
    (json) => (json.annotations[1]!.image_id = 8),
    "annotation 1, image_id must be that of an image, got 8",
  );
  await changed(
    (json) => (json.annotations[0]!.category_id = 1),
    "annotation 0, category_id must be that of a category, got 1",
  );
  await changed(
    (json) => (json.annotations[0]!.segmentation = []),
    "annotation 0, segmentation must be polygons or runs (size and counts), got none; boxes alone",
  );
  await writeFile(path, '{"images": [');
  await refused(`${path}: must be JSON, got `);
});

test("two COCO files for one part are refused", async () => {
  await putCoco(root, "flat");
  await put(root, "more.json", JSON.stringify(cocoJson()));
  await refused(
    `${root}/more.json: train part must have one annotation file, got ${root}/annotations.json too; keep one, or name them after their parts (train, val, test)`,
  );
});

test("two COCO images of one stem are refused", async () => {
  await putCoco(root, "flat");
  const json = cocoJson();
  json.images[1]!.file_name = "a.png";
  await putImage(root, "a.png");
  await put(root, "annotations.json", JSON.stringify(json));
  await refused(`${root}/a.png: file names without extension must be unique, got a.jpg beside it`);
});

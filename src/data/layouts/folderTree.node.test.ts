import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { put } from "../../../test/helpers/layoutTrees.ts";
import { openDataset } from "../openDataset.node.ts";
import { folderTree } from "./folderTree.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-tree-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const below = async (): Promise<string[]> =>
  (await folderTree(root).folders()).map((path) => path.slice(root.length));

test("folders come level by level, sorted, and links to others are followed", async () => {
  await mkdir(join(root, "b/c"), { recursive: true });
  await mkdir(join(root, "a"));
  await symlink(join(root, "b"), join(root, "a/link"));
  expect(await below()).toEqual(["", "/a", "/b", "/a/link", "/b/c", "/a/link/c"]);
});

test("links that lead round in a circle are left out, whichever way they go", async () => {
  await mkdir(join(root, "a/b"), { recursive: true });
  await symlink(root, join(root, "a/up"));
  await symlink(join(root, "a"), join(root, "a/b/up"));
  await symlink(join(root, "self"), join(root, "self"));
  expect(await below()).toEqual(["", "/a", "/a/b"]);
});

test("24 looping links add no folders, and a data set beside them opens as without", async () => {
  for (const folder of ["", "images", "masks", "deep"]) {
    await mkdir(join(root, folder), { recursive: true });
    for (let i = 0; i < 24; i++) await symlink(root, join(root, folder, `loop${i}`));
  }
  await put(root, "images/a.png", "x");
  await put(root, "masks/a.png", "x");
  expect(await below()).toEqual(["", "/deep", "/images", "/masks"]);
  expect((await openDataset(root, { labels: "mask" })).train.map(({ name }) => name)).toEqual([
    "a",
  ]);
});

test("links that branch without a circle end at the most folders, each listed once", async () => {
  for (let level = 0; level < 5; level++) {
    const folder = join(root, `level${level}`);
    await mkdir(folder);
    for (let i = 0; i < 24 && level < 4; i++) {
      await symlink(join(root, `level${level + 1}`), join(folder, `to${i}`));
    }
  }
  const tree = folderTree(join(root, "level0"));
  const found = await tree.folders();
  expect(found.length).toBe(20_000);
  const first = found.find((path) => path.endsWith("to0/to0/to0"))!;
  await rm(join(root, "level3"), { recursive: true });
  // What was listed on the way down is not read again.
  expect((await tree.list(first)).folders).toHaveLength(24);
});

test("of images that differ in their extension alone the preferred one is taken, all others stay", async () => {
  const files = ["a.bmp", "a.jpg", "b.jpg", "C.JPEG", "c.BMP", "d.png", "d.tif", "notes.txt"];
  for (const file of files) await writeFile(join(root, file), "");
  const imagesFor = async (prefer?: string) =>
    (await folderTree(root, { prefer }).list(root)).images;
  expect(await imagesFor()).toHaveLength(7);
  expect(await imagesFor("bmp")).toEqual(["a.bmp", "b.jpg", "c.BMP", "d.png", "d.tif"]);
  expect(await imagesFor("jpg")).toEqual(["C.JPEG", "a.jpg", "b.jpg", "d.png", "d.tif"]);
});

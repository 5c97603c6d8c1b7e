import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import {
  put,
  putCoco,
  putDsb2018,
  putImage,
  putMap,
  putMask,
  putNnunet,
  rectangle,
  treeHeight,
  treeWidth,
} from "../../test/helpers/layoutTrees.ts";
import { writeNuclei } from "../../test/helpers/nuclei.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { dataInspect } from "./dataInspect.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-inspect-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const area = treeWidth * treeHeight;

test("counts, sizes, formats, foreground and classes are those of the files", async () => {
  await putNnunet(root);
  const found = await dataInspect({ path: root });
  const [a, b, c] = [rectangle(0), rectangle(1), rectangle(2)] as const;
  expect(found).toMatchObject({
    layout: "nnunet",
    instances: false,
    parts: { train: 3, validation: 0, test: 1 },
    groups: 0,
    readable: 4,
    sizes: [{ width: treeWidth, height: treeHeight, count: 4 }],
    differentSizes: 1,
    formats: { "png, 8 bits, 3 channels": 4 },
    suspicious: [],
    duplicates: [],
    unreadable: [],
  });
  expect(found.classes).toEqual([
    { name: "nevus", pixels: a + c, share: (a + c) / (4 * area), images: 2 },
    { name: "melanoma", pixels: a + b, share: (a + b) / (4 * area), images: 2 },
  ]);
  expect(found.foreground.mean).toBeCloseTo((2 * a + b + c) / (4 * area), 12);
  expect(found.foreground.max).toBe(Math.max(a, b, c) / area);
});

test("instances and groups are counted", async () => {
  await putDsb2018(root);
  const bowl = await dataInspect({ path: root });
  expect(bowl.instancesPerImage).toMatchObject({ min: 3, median: 3, max: 3 });
  expect(bowl.classes).toEqual([
    { name: "foreground", pixels: 24, share: 24 / (2 * area), images: 2, instances: 6 },
  ]);
  await rm(root, { recursive: true });
  await writeNuclei(root, { count: 4, size: 32 });
  const conic = await dataInspect({ path: root });
  expect([conic.groups, conic.formats]).toEqual([2, { "npy, 8 bits, 3 channels": 4 }]);
});

test("instances are left out of sight where labels are told to be classes", async () => {
  await putCoco(root, "flat");
  const found = await dataInspect({ path: root, labels: "classes" });
  expect([found.instances, found.instancesPerImage]).toEqual([false, undefined]);
  expect(found.classes).toEqual([
    { name: "nucleus", pixels: 5, share: 5 / (2 * area), images: 1 },
    { name: "mitosis", pixels: 12, share: 12 / (2 * area), images: 1 },
  ]);
});

test("bad files are all listed with their messages, and the others are counted", async () => {
  for (const name of ["a", "b", "c", "d"]) {
    await putImage(root, `images/${name}.png`);
    await putMask(root, `masks/${name}.png`);
  }
  await writeFile(join(root, "images/b.png"), "no picture");
  await sharp({ create: { width: 3, height: 3, channels: 3, background: "black" } })
    .png()
    .toFile(join(root, "masks/d.png"));
  const found = await dataInspect({ path: root });
  expect(found.readable).toBe(2);
  expect(found.parts.train).toBe(4);
  expect(found.unreadable.map(({ sample }) => sample)).toEqual(["train/b", "train/d"]);
  expect(found.unreadable[0]!.message).toContain(`${root}/images/b.png: must be a PNG`);
  expect(found.unreadable[1]!.message).toBe(
    `${root}/masks/d.png: mask must have the size of its image ${root}/images/d.png, 24 x 16, got 3 x 3`,
  );
});

test("a set of which nothing can be read is told, without numbers", async () => {
  await put(root, "images/a.png", "x");
  await put(root, "masks/a.png", "x");
  const found = await dataInspect({ path: root, out: join(root, "sheet.png") });
  expect(found).toMatchObject({ readable: 0, sizes: [], formats: {} });
  expect(found.foreground.median).toBeNaN();
  expect(found.sheet).toBeUndefined();
});

test("suspicious samples and equal pictures are named with their parts", async () => {
  for (const part of ["train", "test"]) {
    await putImage(root, `${part}/images/same_${part}.png`, "one picture");
    await putMask(root, `${part}/masks/same_${part}.png`);
  }
  await putMap(root, "train/images/flat.png", () => 77);
  await putMap(root, "train/masks/flat.png", () => 0);
  await putImage(root, "train/images/full.png");
  await putMap(root, "train/masks/full.png", () => 255);
  const found = await dataInspect({ path: root });
  expect(found.suspicious.map(({ kind, samples }) => [kind, samples])).toEqual([
    ["empty", ["train/flat"]],
    ["full", ["train/full"]],
    ["constant", ["train/flat"]],
  ]);
  expect(found.duplicates).toEqual([["train/same_train", "test/same_test"]]);
});

test("the sheet shows evenly spread samples, then the suspicious ones, and is the same each time", async () => {
  for (let n = 0; n < 9; n++) {
    await putImage(root, `images/${n}.png`);
    await putMap(root, `masks/${n}.png`, (x, y) => (n !== 4 && x > 5 && y > 5 ? 255 : 0));
  }
  const out = join(root, "sheet.png");
  const found = await dataInspect({ path: root, out, pictures: 3 });
  expect(found.sheet).toBe(out);
  const { width, height } = await sharp(out).metadata();
  // Four pictures, twice as large as they are, below a line of 18 pixels, with 8 around each, and 24
  // below that name the classes.
  const legend = 24;
  const sheetHeight = 8 + 2 * treeHeight + 18 + 8 + legend;
  expect([width, height]).toEqual([8 + 4 * (2 * treeWidth + 8), sheetHeight]);
  const first = await readFile(out);
  await expectRejection(
    dataInspect({ path: root, out, pictures: 3 }),
    ArgumentError,
    `${out}: output file must not exist yet, got one; choose another name, or replace it with --overwrite`,
  );
  await dataInspect({ path: root, out, pictures: 3, overwrite: true });
  expect((await readFile(out)).equals(first)).toBe(true);
});

test("progress counts every sample", async () => {
  await putNnunet(root);
  const seen: [number, number][] = [];
  await dataInspect({ path: root }, (...counts) => seen.push(counts));
  expect(seen.at(-1)).toEqual([4, 4]);
});

test("unusable options and folders are refused", async () => {
  await expectRejection(
    dataInspect({ path: root, out: "sheet.jpg" }),
    ArgumentError,
    "out (--out) must be a .png file, got sheet.jpg",
  );
  await expectRejection(
    dataInspect({ path: root }),
    DataError,
    `${root}: must hold a data set of a known layout, got an empty folder`,
  );
});

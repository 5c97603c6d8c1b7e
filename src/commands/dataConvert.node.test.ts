import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import {
  put,
  putCoco,
  putImage,
  putMap,
  putMask,
  putNnunet,
  putPh2,
  treeHeight,
  treeWidth,
} from "../../test/helpers/layoutTrees.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { readSample } from "../data/readSample.node.ts";
import { dataConvert } from "./dataConvert.node.ts";
import { dataInspect } from "./dataInspect.node.ts";

let root: string;
let source: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-data-convert-"));
  [source, out] = [join(root, "source"), join(root, "out")];
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A label file of colours: `at(x, y)` gives three or four channels. */
async function putColours(path: string, at: (x: number, y: number) => readonly number[]) {
  const pixels = Array.from({ length: treeWidth * treeHeight }, (_, i) =>
    at(i % treeWidth, Math.floor(i / treeWidth)),
  );
  const channels = pixels[0]!.length as 3 | 4;
  const raw = { width: treeWidth, height: treeHeight, channels };
  const png = await sharp(Uint8Array.from(pixels.flat()), { raw }).png().toBuffer();
  await put(source, path, png);
}

/** Pixels of each class of the one image that was written. */
async function written(): Promise<{ classes: readonly string[]; pixels: number[] }> {
  const { train, classes } = await openDataset(out);
  const { labels } = await readSample(train[0]!);
  return {
    classes,
    pixels: [0, ...classes.map((_, k) => k + 1)].map(
      (value) => labels.classes.filter((each) => each === value).length,
    ),
  };
}

const rows = (count: number): number => count * treeWidth;

test("masks with soft edges are converted with --binarize, and need no rule afterwards", async () => {
  await putImage(source, "images/a.png");
  await putMap(source, "masks/a.png", (_, y) => [0, 10, 127, 128, 255][Math.min(4, y)]!);
  const inspection = await dataInspect({ path: source, labels: "mask" });
  expect(inspection.unreadable[0]!.message).toContain("sgdc data convert --binarize");
  await expectRejection(
    dataConvert({ path: source, to: "folders", out, labels: "mask" }),
    DataError,
    `${source}/masks/a.png: mask must contain only 0 and 255, got 10 at row 1, column 0; sgdc data`,
  );
  await dataConvert({ path: source, to: "folders", out, binarize: true });
  expect(await written()).toEqual({
    classes: ["foreground"],
    pixels: [rows(3), rows(treeHeight - 3)],
  });
});

test("coloured masks become classes with --colour, for every form, with the names of a classes file", async () => {
  await putImage(source, "images/a.png");
  const colours = [
    [255, 255, 255],
    [255, 0, 0],
    [255, 128, 0],
  ] as const;
  await putColours("masks/a.png", (_, y) => colours[Math.min(y, 2)]!);
  const colour = ["white=0", "red=1", "ff8000=2"];
  const expected = { classes: ["class 1", "class 2"], pixels: [rows(1), rows(1), rows(14)] };
  for (const to of ["folders", "nnunet", "coco"] as const) {
    await dataConvert({ path: source, to, out, colour, overwrite: true });
    expect(await written(), to).toEqual(expected);
  }
  await put(source, "classes.txt", "edge\n");
  await expectRejection(
    dataConvert({ path: source, to: "folders", out, colour, overwrite: true }),
    DataError,
    `${source}/classes.txt: must name every class that --colour names, up to 2, got 1`,
  );
  await put(source, "classes.txt", "edge\nlesion\n");
  await dataConvert({ path: source, to: "folders", out, colour, overwrite: true });
  expect(await written()).toEqual({ ...expected, classes: ["edge", "lesion"] });
});

test("transparent masks are converted with --ignore-alpha", async () => {
  await putImage(source, "images/a.png");
  await putColours("masks/a.png", (_, y) => [y < 4 ? 255 : 0, y < 4 ? 255 : 0, y < 4 ? 255 : 0, 9]);
  await expectRejection(
    dataConvert({ path: source, to: "folders", out }),
    DataError,
    `${source}/masks/a.png: mask must be opaque, got alpha 9 at row 0, column 0; sgdc data convert`,
  );
  await dataConvert({ path: source, to: "folders", out, ignoreAlpha: true });
  expect((await written()).pixels).toEqual([rows(12), rows(4)]);
});

test("rules that say nothing about the labels at hand are refused", async () => {
  const refused = (options: object, message: string) =>
    expectRejection(
      dataConvert({ path: source, to: "folders", out, ...options }),
      ArgumentError,
      message,
    );
  await putImage(source, "images/a.png");
  await putMask(source, "masks/a.png");
  await refused(
    { binarize: true, labels: "classes" },
    "labels (--labels) must be mask with --binarize, got classes",
  );
  await refused(
    { colour: ["red=1"], labels: "mask" },
    "labels (--labels) must be classes with --colour, got mask",
  );
  await refused(
    { colour: ["rot=1"] },
    "colour (--colour) must be a colour and its class, as red=1",
  );
  for (const [make, options, message] of [
    [putPh2, { colour: ["red=1"] }, "data set must be one of folders for --colour, got ph2"],
    [
      putNnunet,
      { binarize: true },
      "data set must be one of isic2018, isic2016, ph2, dsb2018, folders for --binarize, got nnunet",
    ],
    [
      (path: string) => putCoco(path, "flat"),
      { ignoreAlpha: true },
      "data set must be one of nnunet, isic2018, isic2016, ph2, dsb2018, folders for --ignore-alpha, got coco",
    ],
  ] as const) {
    await rm(source, { recursive: true });
    await make(source);
    await refused(options, `${source}: ${message}`);
  }
});

test("a folder with every image in two formats is read with --prefer", async () => {
  for (const name of ["a", "b"]) {
    await putImage(source, `images/${name}.bmp`);
    await putImage(source, `images/${name}.jpg`);
    await putMask(source, `masks/${name}.bmp`);
  }
  await putImage(source, "images/only.jpg");
  await putMask(source, "masks/only.png");
  await expectRejection(
    dataConvert({ path: source, to: "folders", out }),
    DataError,
    `${source}/images/a.jpg: file names without extension must be unique, got a.bmp beside it; remove or rename one, or read such pairs with --prefer bmp or --prefer jpg`,
  );
  await dataConvert({ path: source, to: "folders", out, prefer: "bmp" });
  const { train } = await openDataset(out);
  expect(train.map(({ image }) => image.slice(out.length))).toEqual([
    "/images/a.bmp",
    "/images/b.bmp",
    "/images/only.jpg",
  ]);
  const found = await dataInspect({ path: source, prefer: "jpg" });
  expect(found.formats).toEqual({ "jpeg, 8 bits, 3 channels": 3 });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectError, expectRejection } from "../../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { readLabelMapFile, readMaskFile } from "./labelFiles.node.ts";
import { classesOfColours, classOfColour, parseColours } from "./labelRules.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-rules-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A picture of these pixels in one row. */
async function picture(
  name: string,
  pixels: readonly (readonly number[])[],
  format: "png" | "jpeg" = "png",
): Promise<string> {
  const path = join(folder, name);
  const channels = pixels[0]!.length as 1 | 2 | 3 | 4;
  const raw = { width: pixels.length, height: 1, channels };
  await sharp(Uint8Array.from(pixels.flat()), { raw }).toFormat(format).toFile(path);
  return path;
}

const row = async (mask: Promise<{ data: ArrayLike<number> }>) => Array.from((await mask).data);

test("a mask with soft edges is refused with a way out, and read by it", async () => {
  const path = await picture("soft.png", [[0], [1], [127], [128], [254], [255]]);
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must contain only 0 and 255, got 1 at row 0, column 1; sgdc data convert --binarize makes masks of soft edges`,
  );
  expect(await row(readMaskFile(path, { rules: { binarize: true } }))).toEqual([0, 0, 0, 1, 1, 1]);
  const dim = await picture("dim.png", [[0], [90], [200]]);
  expect(await row(readMaskFile(dim, { rules: { binarize: true } }))).toEqual([0, 0, 1]);
});

test("a rule changes nothing about masks that need none", async () => {
  const rules = { binarize: true, ignoreAlpha: true };
  for (const [i, values] of [
    [0, 255, 0],
    [0, 1, 1],
    [0, 0, 0],
    [255, 255, 255],
  ].entries()) {
    const path = await picture(
      `plain${i}.png`,
      values.map((value) => [value]),
    );
    expect(await row(readMaskFile(path, { rules }))).toEqual(await row(readMaskFile(path)));
  }
});

test("transparency is refused with a way out, and looked away from by it", async () => {
  const path = await picture("alpha.png", [
    [255, 255, 255, 255],
    [255, 255, 255, 10],
    [0, 0, 0, 0],
  ]);
  const message = `must be opaque, got alpha 10 at row 0, column 1; sgdc data convert --ignore-alpha reads the other channels alone`;
  await expectRejection(readMaskFile(path), DataError, `${path}: mask ${message}`);
  await expectRejection(readLabelMapFile(path), DataError, `${path}: instance map ${message}`);
  const options = { rules: { ignoreAlpha: true } };
  expect(await row(readMaskFile(path, options))).toEqual([1, 1, 0]);
  expect(await row(readLabelMapFile(path, options))).toEqual([255, 255, 0]);
});

test("coloured labels are refused with a way out, and become classes by it", async () => {
  const path = await picture("colours.png", [
    [255, 0, 0],
    [0, 0, 0],
    [0, 255, 0],
    [255, 128, 0],
  ]);
  await expectRejection(
    readMaskFile(path),
    DataError,
    `${path}: mask must be grey (0 and 255), got colour (255, 0, 0) at row 0, column 0; sgdc data convert --colour red=1 makes classes of colours`,
  );
  const colours = parseColours(["red=1", "green=3"]);
  await expectRejection(
    readLabelMapFile(path, { rules: { colours } }, 3, "class map"),
    DataError,
    `${path}: class map must have only colours that --colour names, got colour ff8000 at row 0, column 3; name it too, or give --binarize to take the nearest for it`,
  );
  expect(await row(readLabelMapFile(path, { rules: { colours, binarize: true } }))).toEqual([
    1, 0, 3, 1,
  ]);
  const all = parseColours(["red=1", "green=3", "#FF8000=2"]);
  expect(await row(readLabelMapFile(path, { rules: { colours: all } }))).toEqual([1, 0, 3, 2]);
  const grey = await picture("grey.png", [[255], [0]]);
  const white = { rules: { colours: parseColours(["white=2"]) } };
  expect(await row(readLabelMapFile(grey, white))).toEqual([2, 0]);
});

test("colours of 16 bits count by their upper byte", async () => {
  const path = join(folder, "deep.png");
  const raw = { width: 2, height: 1, channels: 3 as const, depth: "ushort" as const };
  await sharp(Uint16Array.from([65535, 0, 0, 0, 0, 65535]), { raw })
    .toColourspace("rgb16")
    .png()
    .toFile(path);
  const rules = { colours: parseColours(["red=1", "blue=2"]) };
  expect(await row(readLabelMapFile(path, { rules }))).toEqual([1, 2]);
});

test("colours saved with loss need the nearest one", async () => {
  const pixels = Array.from({ length: 64 }, (_, i) => (i < 32 ? [255, 0, 0] : [0, 0, 255]));
  const path = await picture("lossy.jpg", pixels, "jpeg");
  const colours = parseColours(["red=1", "blue=2"]);
  await expectRejection(
    readLabelMapFile(path, { rules: { colours } }),
    DataError,
    `${path}: instance map must be saved without loss`,
  );
  const classes = await row(readLabelMapFile(path, { rules: { colours, binarize: true } }));
  expect([classes[0], classes[63]]).toEqual([1, 2]);
});

test("colours are words or hexadecimal numbers, each with its class", () => {
  expect(parseColours(["Red=1"])).toEqual([
    { colour: [255, 0, 0], class: 1 },
    { colour: [0, 0, 0], class: 0 },
  ]);
  // White is the background here, and black no label.
  expect(parseColours(["white=0", "ff8000=2"])).toEqual([
    { colour: [255, 255, 255], class: 0 },
    { colour: [255, 128, 0], class: 2 },
  ]);
  expect(classesOfColours(parseColours(["red=1", "blue=7"]))).toBe(7);
  expect(classOfColour([250, 0, 0], parseColours(["red=1"]), false)).toBeUndefined();
  for (const text of ["red", "rot=1", "=1", "red=", "red=1.5", "red=-1", "red=256", "ff800=1"]) {
    expectError(
      () => parseColours([text]),
      ArgumentError,
      "colour (--colour) must be a colour and its class, as red=1 or ff8000=2 (colours: black, white, red, green, blue, yellow, cyan, magenta; classes up to 255), got ",
    );
  }
  expectError(
    () => parseColours(["red=1", "ff0000=2"]),
    ArgumentError,
    "colour (--colour) must name a colour once, got ff0000 twice",
  );
  expectError(
    () => parseColours(["black=0"]),
    ArgumentError,
    "colour (--colour) must name a class from 1 on, got the background alone",
  );
});

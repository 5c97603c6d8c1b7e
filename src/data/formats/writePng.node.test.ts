import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { readImage } from "../images/readImage.node.ts";
import { readMaskFile } from "../labels/labelFiles.node.ts";
import { writeImagePng, writeMapPng, writeMaskPng } from "./writePng.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-png-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("an image comes back byte for byte", async () => {
  const image = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i * 14) };
  await writeImagePng(join(folder, "a.png"), image);
  expect(await readImage(join(folder, "a.png"))).toEqual(image);
  expect(await readdir(folder)).toEqual(["a.png"]);
});

test("a mask is stored as one channel of 0 and 255 and comes back", async () => {
  const path = join(folder, "m.png");
  const mask = { width: 3, height: 1, data: Uint8Array.from([1, 0, 1]) };
  await writeMaskPng(path, mask);
  const header = await sharp(path).metadata();
  expect([header.channels, header.depth, header.isPalette]).toEqual([1, "uchar", false]);
  expect([...(await sharp(path).toColourspace("b-w").raw().toBuffer())]).toEqual([255, 0, 255]);
  expect(await readMaskFile(path)).toEqual(mask);
});

test("a map is rounded to 8 or 16 bits, and clamped", async () => {
  const data = Float32Array.from([0, 1, 0.5, 0.25, -3, 7]);
  const map = { width: 6, height: 1, data };
  const path = join(folder, "p.png");
  await writeMapPng(path, map);
  const low = await sharp(path).toColourspace("b-w").raw().toBuffer();
  expect([...low]).toEqual([0, 255, 128, 64, 0, 255]);

  await writeMapPng(path, map, 16);
  expect((await sharp(path).metadata()).depth).toBe("ushort");
  const deep = await sharp(path).toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
  const values = Array.from({ length: 6 }, (_, i) => deep.readUInt16LE(2 * i));
  expect(values).toEqual([0, 65535, 32768, 16384, 0, 65535]);
});

test("NaN in a map and a folder that is a file are refused", async () => {
  const path = join(folder, "p.png");
  const map = { width: 2, height: 2, data: Float32Array.from([0, 0, 0, NaN]) };
  await expectRejection(
    writeMapPng(path, map),
    ArgumentError,
    `${path}: map must be finite, got NaN at row 1, column 1`,
  );
  const mask = { width: 1, height: 1, data: Uint8Array.from([1]) };
  await writeMaskPng(path, mask);
  await expectRejection(
    writeMaskPng(join(path, "x.png"), mask),
    DataError,
    `${path}/x.png: the file must be writable, got `,
  );
});

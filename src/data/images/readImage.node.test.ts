import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { readImage } from "./readImage.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-image-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Two pixels: red, and dark green. */
const twoPixels = () =>
  sharp(Uint8Array.from([255, 0, 0, 0, 100, 0]), { raw: { width: 2, height: 1, channels: 3 } });

async function file(name: string, data: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, data);
  return path;
}

async function pixels(path: string): Promise<number[]> {
  return [...(await readImage(path)).data];
}

test("PNG, WebP and TIFF give the same RGB values", async () => {
  for (const format of ["png", "webp", "tiff"] as const) {
    const path = await file(
      `a.${format}`,
      await twoPixels().toFormat(format, { lossless: true, compression: "lzw" }).toBuffer(),
    );
    const image = await readImage(path);
    expect([image.width, image.height, ...image.data], format).toEqual([
      2, 1, 255, 0, 0, 0, 100, 0,
    ]);
  }
});

test("a palette gives its colours", async () => {
  const path = await file("p.png", await twoPixels().png({ palette: true }).toBuffer());
  expect((await sharp(path).metadata()).isPalette).toBe(true);
  expect(await pixels(path)).toEqual([255, 0, 0, 0, 100, 0]);
});

test("grey becomes three equal channels", async () => {
  const grey = sharp(Uint8Array.from([7, 200]), { raw: { width: 2, height: 1, channels: 1 } });
  const path = await file("g.png", await grey.toColourspace("b-w").png().toBuffer());
  expect(await pixels(path)).toEqual([7, 7, 7, 200, 200, 200]);
});

test("16-bit grey and colour keep the upper byte", async () => {
  const values = Uint16Array.from([0, 255, 256, 0x1234, 0xff00, 0xffff]);
  const grey = sharp(values, { raw: { width: 6, height: 1, channels: 1 } });
  const path = await file("g16.png", await grey.toColourspace("grey16").png().toBuffer());
  expect((await sharp(path).metadata()).depth).toBe("ushort");
  expect(await pixels(path)).toEqual([0, 0, 1, 0x12, 255, 255].flatMap((v) => [v, v, v]));

  const colour = sharp(values, { raw: { width: 2, height: 1, channels: 3 } });
  const rgb = await file("c16.png", await colour.toColourspace("rgb16").png().toBuffer());
  expect(await pixels(rgb)).toEqual([0, 0, 1, 0x12, 255, 255]);
});

test("CMYK JPEG is converted to RGB, not inverted", async () => {
  const wide = sharp({ create: { width: 16, height: 16, channels: 3, background: "#c83c28" } });
  const path = await file(
    "k.jpg",
    await wide.toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
  );
  expect((await sharp(path).metadata()).space).toBe("cmyk");
  const [red = 0, green = 0, blue = 0] = await pixels(path);
  expect(Math.abs(red - 200)).toBeLessThan(40);
  expect(Math.abs(green - 60)).toBeLessThan(40);
  expect(Math.abs(blue - 40)).toBeLessThan(40);
});

test("transparency is laid over white", async () => {
  const data = Uint8Array.from([255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 128]);
  const alpha = sharp(data, { raw: { width: 3, height: 1, channels: 4 } });
  const path = await file("a.png", await alpha.png().toBuffer());
  const [, , , ...rest] = await pixels(path);
  expect(rest.slice(0, 3)).toEqual([255, 255, 255]);
  expect(Math.abs(rest[3]! - 127)).toBeLessThanOrEqual(1);
});

test("EXIF orientation is applied", async () => {
  // Orientation 6: the stored row is shown as a column, its first pixel at the top.
  const path = await file(
    "o.png",
    await twoPixels().withMetadata({ orientation: 6 }).png().toBuffer(),
  );
  const image = await readImage(path);
  expect([image.width, image.height, ...image.data]).toEqual([1, 2, 255, 0, 0, 0, 100, 0]);
});

test("a missing file, a folder, a dangling link, an empty file and a text are told apart", async () => {
  await expectRejection(
    readImage(join(folder, "no.png")),
    DataError,
    `${folder}/no.png: must be a readable image, got no such file or folder (ENOENT)`,
  );
  await mkdir(join(folder, "f.png"));
  await expectRejection(
    readImage(join(folder, "f.png")),
    DataError,
    `${folder}/f.png: must be a readable image, got a folder (EISDIR)`,
  );
  await symlink("nowhere", join(folder, "l.png"));
  await expectRejection(
    readImage(join(folder, "l.png")),
    DataError,
    `${folder}/l.png: must be a readable image, got no such file or folder (ENOENT)`,
  );
  await expectRejection(
    readImage(await file("e.png", "")),
    DataError,
    `${folder}/e.png: must be an image, got an empty file`,
  );
  await expectRejection(
    readImage(await file("t.png", "hello")),
    DataError,
    `${folder}/t.png: must be a PNG, JPEG, WebP, TIFF, GIF, AVIF, BMP or DICOM image, got a file that is none or is damaged`,
  );
  await expectRejection(
    readImage(await file("b.bmp", "BM______")),
    DataError,
    `${folder}/b.bmp: BMP must have a header, got 8 bytes; save it as PNG`,
  );
  await expectRejection(
    readImage(
      await file("s.png", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ),
    DataError,
    `${folder}/s.png: must be a PNG, JPEG, WebP, TIFF, GIF, AVIF, BMP or DICOM image, got svg`,
  );
});

test("truncated JPEG and PNG are refused, wherever they are cut", async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
  const image = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  for (const format of ["jpeg", "png"] as const) {
    const whole = await image.clone().toFormat(format).toBuffer();
    for (const part of [0.2, 0.5, 0.9]) {
      const path = await file(`t.${format}`, whole.subarray(0, Math.floor(whole.length * part)));
      await expectRejection(
        readImage(path),
        DataError,
        `${path}: must be a whole image, got a truncated or damaged one (`,
      );
    }
  }
});

/** A TIFF of one 32-bit float pixel: header, one directory of nine entries, the sample. */
function floatTiff(): Buffer {
  const entries = [
    [256, 1], // width
    [257, 1], // height
    [258, 32], // bits per sample
    [259, 1], // no compression
    [262, 1], // black is zero
    [273, 8 + 2 + 9 * 12 + 4], // where the sample is
    [278, 1], // rows per strip
    [279, 4], // bytes of the strip
    [339, 3], // floating point
  ] as const;
  const bytes = Buffer.alloc(8 + 2 + 9 * 12 + 4 + 4);
  bytes.write("II*\0", "latin1");
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(entries.length, 8);
  for (const [i, [tag, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  bytes.writeFloatLE(0.5, bytes.length - 4);
  return bytes;
}

test("float samples and files of several pictures are refused", async () => {
  const path = await file("f.tif", floatTiff());
  await expectRejection(
    readImage(path),
    DataError,
    `${path}: samples must have 8 or 16 bits, got type float; convert the file to 8 bits`,
  );
  const frames = sharp(
    Uint8Array.from({ length: 2 * 4 * 3 }, (_, i) => i * 9),
    {
      raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
    },
  );
  const moving = await file("m.gif", await frames.gif({ loop: 0, delay: [9, 9] }).toBuffer());
  await expectRejection(
    readImage(moving),
    DataError,
    `${moving}: must hold one picture, got 2; save each as a file of its own`,
  );
});

/** A PNG whose header promises more than it holds, as decompression bombs do. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body) >>> 0, 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", size), chunk("IDAT", Buffer.alloc(40))]);
}

test("an image of too many pixels is refused by its header, before anything is decoded", async () => {
  const path = await file("bomb.png", pngHeader(30_000, 20_000));
  await expectRejection(
    readImage(path),
    DataError,
    `${path}: must have at most 100000000 pixels, got 30000 x 20000 = 600000000; shrink it or raise maxPixels`,
  );
  const small = await file("s.png", await twoPixels().png().toBuffer());
  await expectRejection(
    readImage(small, { maxPixels: 1 }),
    DataError,
    `${small}: must have at most 1 pixels, got 2 x 1 = 2`,
  );
});

/** Whole files of every kind that is read, to be damaged. */
import { readFileSync } from "node:fs";
import sharp, { type Sharp } from "sharp";
import { encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { npyFile } from "./npyFile.ts";

/** A file to damage. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

const fixture = (name: string): readonly { name: string; file: string }[] =>
  (
    JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8")) as {
      cases: { name: string; file: string }[];
    }
  ).cases;

const fromFixture = (name: string, wanted: (name: string) => boolean): Seed[] =>
  fixture(name)
    .filter((item) => wanted(item.name))
    .map((item) => ({ name: item.name, bytes: Buffer.from(item.file, "base64") }));

/** BMP files of 1, 8, 24 and 32 bits, run lengths and all headers. */
export const bmpSeeds = (): Seed[] => fromFixture("bmp", () => true);

/** DICOM files of all transfer syntaxes. */
export const dicomSeeds = (): Seed[] => fromFixture("dicom", () => true);

/** Pictures as libvips writes them. */
export async function pictureSeeds(): Promise<Seed[]> {
  const width = 24;
  const height = 18;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
  const colour = () => sharp(pixels, { raw: { width, height, channels: 3 } });
  const values = pixels.map((value) => (value > 127 ? 255 : 0)).subarray(0, width * height);
  const grey = () => sharp(values, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
  const deep = sharp(
    Uint16Array.from(values, (value, i) => value * i),
    {
      raw: { width, height, channels: 1 },
    },
  ).toColourspace("grey16");
  const made: readonly [name: string, picture: Sharp][] = [
    ["PNG grey", grey().png()],
    ["PNG 16 bits", deep.clone().png()],
    ["PNG palette", colour().png({ palette: true, colours: 16 })],
    ["PNG interlaced", colour().png({ progressive: true })],
    ["PNG alpha", colour().ensureAlpha(0.5).png()],
    ["JPEG", colour().jpeg()],
    [
      "JPEG progressive, turned",
      colour().withMetadata({ orientation: 6 }).jpeg({ progressive: true }),
    ],
    ["JPEG grey", grey().jpeg()],
    ["JPEG CMYK", colour().toColourspace("cmyk").jpeg()],
    ["WebP", colour().webp()],
    ["WebP lossless", grey().webp({ lossless: true })],
    ["TIFF", colour().tiff({ compression: "none" })],
    ["TIFF LZW", grey().tiff({ compression: "lzw" })],
    [
      "TIFF deflate, tiles",
      colour().tiff({ compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 }),
    ],
    ["TIFF JPEG", colour().tiff({ compression: "jpeg" })],
    ["TIFF CCITT", grey().tiff({ compression: "ccittfax4", bitdepth: 1 })],
    ["TIFF 16 bits, big", deep.clone().tiff({ compression: "none", bigtiff: true })],
    ["GIF", colour().gif()],
    ["AVIF", colour().avif({ effort: 0 })],
  ];
  const seeds: Seed[] = [];
  for (const [name, picture] of made) seeds.push({ name, bytes: await picture.toBuffer() });
  return seeds;
}

/** Arrays as NumPy writes them. */
export function npySeeds(): Seed[] {
  const labels = Int32Array.from({ length: 3 * 4 * 5 * 2 }, (_, i) => i % 7);
  const file = (name: string, bytes: Uint8Array): Seed => ({ name, bytes: Buffer.from(bytes) });
  return [
    file("images", npyFile("|u1", [3, 4, 5, 3], new Uint8Array(3 * 4 * 5 * 3))),
    file("labels", npyFile("<i4", [3, 4, 5, 2], labels)),
    file("labels, version 2", npyFile("<u2", [3, 4, 5, 2], Uint16Array.from(labels), 2)),
    file("labels of 64 bits", npyFile("<i8", [3, 4, 5, 2], BigInt64Array.from(labels, BigInt))),
    file("halves", npyFile("<f2", [3, 4, 5, 2], new Uint16Array(120))),
  ];
}

/** Weights with metadata. */
export function safetensorsSeeds(): Seed[] {
  const values = Float32Array.from({ length: 24 }, (_, i) => i);
  const tensors = new Map([
    ["encoder.weight", tensor([2, 3, 4], values)],
    ["bias", tensor([3], values.slice(0, 3))],
  ]);
  const bytes = Buffer.from(
    encodeSafetensors({ tensors, metadata: new Map([["format", "sgdc"]]) }),
  );
  return [{ name: "weights", bytes }];
}

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { openImage, type OpenedDicom } from "../images/openImage.node.ts";
import { dicomSamples } from "./decodeDicom.node.ts";
import { readImage } from "../images/readImage.node.ts";

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly file: string;
    readonly width: number;
    readonly height: number;
    /** pydicom's pixel array. */
    readonly stored: readonly number[];
    /** Brightness 0..255, not rounded. */
    readonly shown: readonly number[];
  }[];
  readonly refused: readonly { readonly name: string; readonly file: string }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/dicom.json", import.meta.url), "utf8"),
) as Fixture;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-dicom-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function save(bytes: Uint8Array): Promise<string> {
  const path = join(folder, "a.dcm");
  await writeFile(path, bytes);
  return path;
}

async function open(path: string): Promise<OpenedDicom> {
  const opened = await openImage(path);
  if (opened.kind !== "dicom") throw new Error("must be DICOM");
  return opened;
}

const bytesOf = (name: string): Buffer => {
  const found = [...fixture.cases, ...fixture.refused].find((item) => item.name === name)!;
  return Buffer.from(found.file, "base64");
};

/** The file with its pixels replaced by an empty offset table and so many empty fragments. */
function withFragments(name: string, count: number): Buffer {
  const whole = bytesOf(name);
  const pixels = whole.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  const items = new Array<Buffer>(count + 1).fill(item);
  return Buffer.concat([whole.subarray(0, pixels + 12), ...items, end]);
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
};

test.each(fixture.cases)("$name: the values and brightness of pydicom", async (item) => {
  const path = await save(Buffer.from(item.file, "base64"));
  const opened = await open(path);
  expect([opened.width, opened.height]).toEqual([item.width, item.height]);
  // Decoders of JPEG differ in rounding; all else is exact, but for rounding to 8 bits.
  const jpeg = item.name.startsWith("JPEG");
  const stored = await dicomSamples(opened);
  expect(largestDifference(stored, item.stored)).toBeLessThanOrEqual(jpeg ? 2 : 0);
  const { data } = await readImage(path);
  expect(largestDifference(data, item.shown)).toBeLessThanOrEqual(jpeg ? 2 : 0.5001);
});

test("pixel spacing is told in mm, row distance first", async () => {
  expect((await open(await save(bytesOf("spacing")))).header.spacingMm).toEqual([0.25, 0.5]);
  expect((await open(await save(bytesOf("RGB")))).header.spacingMm).toBeUndefined();
});

/** A fixture with the bytes of a text replaced by others of the same length. */
function replaced(name: string, text: string, by: string): Buffer {
  const bytes = Buffer.from(bytesOf(name));
  const at = bytes.indexOf(text, 132, "latin1");
  expect(at, text).toBeGreaterThan(0);
  expect(by.length).toBe(text.length);
  bytes.write(by, at, "latin1");
  return bytes;
}

/** A fixture with the 16-bit value of an explicit element replaced. */
function withValue(name: string, group: number, element: number, value: number): Buffer {
  const tag = Buffer.alloc(4);
  tag.writeUInt16LE(group, 0);
  tag.writeUInt16LE(element, 2);
  const bytes = Buffer.from(bytesOf(name));
  const at = bytes.indexOf(tag, 132);
  expect(at).toBeGreaterThan(0);
  bytes.writeUInt16LE(value, at + 8);
  return bytes;
}

test("files that cannot be read say what was expected and what was got", async () => {
  const cases: readonly [bytes: Buffer, text: string][] = [
    [
      bytesOf("two frames"),
      "DICOM must hold a single frame; save each as a file of its own, got 2",
    ],
    [
      bytesOf("JPEG 2000"),
      "DICOM transfer syntax must be uncompressed, deflated, JPEG baseline or RLE, got JPEG 2000 Lossless (1.2.840.10008.1.2.4.90); decompress the file first",
    ],
    [bytesOf("32 bits"), "DICOM must have 8 or 16 bits a sample, got 32"],
    [bytesOf("HSV"), "DICOM photometric interpretation must be MONOCHROME1, "],
    [bytesOf("no pixels"), "DICOM must hold pixel data, got none"],
    [withValue("RGB", 0x28, 2, 1), "DICOM RGB must have 3 samples a pixel, got 1"],
    [withValue("RGB", 0x28, 0x103, 1), "DICOM RGB must be unsigned, got signed samples"],
    [withValue("RGB", 0x28, 0x10, 0), "DICOM must have rows and columns, got 11 x 0"],
    [
      withValue("12 of 16 bits", 0x28, 0x102, 16),
      "DICOM must store its bits within 16, got 12 up to bit 16",
    ],
    [
      withValue("8 bits", 0x28, 0x10, 700),
      "must be a whole image, got a truncated or damaged one (11 x 700 pixels need 7700 bytes, 66 are there)",
    ],
    [
      withValue("8 bits", 0x28, 0x10, 65535),
      "must be a whole image, got a truncated or damaged one (11 x 65535 pixels need ",
    ],
    [
      replaced("CT window", "400\\1500", "abc\\1500"),
      "DICOM (0028,1051) must be a number, got abc",
    ],
    [
      replaced("CT window", "400\\1500", "0.5\\1500"),
      "DICOM window must be at least 1 wide, got 0.5",
    ],
    [
      replaced("CT window, exact", "LINEAR_EXACT", "LINEAR_WRONG"),
      "DICOM VOI function must be LINEAR, LINEAR_EXACT or SIGMOID, got LINEAR_WRONG",
    ],
    [
      replaced("spacing", "0.25\\0.5", "-.25\\0.5"),
      'DICOM pixel spacing must be two numbers above 0, got "-.25\\\\0.5"',
    ],
    [bytesOf("RGB").subarray(0, 300), "must be a whole DICOM file, got a damaged one ("],
    [
      withValue("JPEG grey", 0x28, 0x10, 31),
      "DICOM must hold a JPEG of 24 x 31 pixels, got jpeg of 24 x 32",
    ],
    [withFragments("JPEG grey", 0), "DICOM fragments must hold the picture, got empty ones"],
    [withFragments("JPEG grey", 1), "DICOM fragments must hold the picture, got empty ones"],
    [withFragments("RLE 8 bits", 2), "DICOM fragments must hold the picture, got empty ones"],
    [
      withValue("RLE 8 bits", 0x28, 0x10, 5000),
      "must be a whole image, got a truncated or damaged one (136 bytes of run lengths for 55000 bytes of pixels)",
    ],
    [
      withValue("palette", 0x28, 0x1101, 999),
      "DICOM look-up table (0028,1201) must have 999 entries, got 400 bytes",
    ],
  ];
  for (const [bytes, text] of cases) {
    const path = await save(bytes);
    await expectRejection(readImage(path), DataError, `${path}: ${text}`);
  }
});

test("a deflated file that inflates without end is refused", async () => {
  const whole = bytesOf("16 bits, deflated");
  const start = whole.indexOf("1.2.840.10008.1.2.1.99") + 22;
  // The meta header ends with other elements; what follows them is the deflated part.
  const { deflateRawSync } = await import("node:zlib");
  const length = whole.readUInt32LE(140);
  const head = whole.subarray(0, 144 + length);
  expect(head.length).toBeGreaterThan(start);
  const bomb = deflateRawSync(Buffer.alloc(70_000_000));
  const path = await save(Buffer.concat([head, bomb]));
  await expectRejection(
    readImage(path),
    DataError,
    `${path}: must be a whole DICOM file, got a damaged one (Cannot create a Buffer larger than 67108864 bytes)`,
  );
});

test("stored values of grey DICOM files are labels; colour is refused", async () => {
  const { readStoredValues } = await import("../images/readStoredValues.node.ts");
  const path = await save(bytesOf("16 bits"));
  expect([...(await readStoredValues(path)).data]).toEqual(
    fixture.cases.find(({ name }) => name === "16 bits")!.stored,
  );
  for (const [name, got] of [
    ["RGB", "colour"],
    ["palette", "colour"],
    ["CT window", "signed values"],
  ] as const) {
    await save(bytesOf(name));
    await expectRejection(
      readStoredValues(path),
      DataError,
      `${path}: DICOM labels must be grey and unsigned, got ${got}; save them as PNG`,
    );
  }
});

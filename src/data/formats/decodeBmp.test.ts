import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { parseBmpHeader } from "./bmpHeader.ts";
import { decodeBmp } from "./decodeBmp.ts";

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly file: string;
    readonly mode: string;
    readonly width: number;
    readonly height: number;
    readonly pixels: readonly number[];
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/bmp.json", import.meta.url), "utf8"),
) as Fixture;

const decode = (bytes: Uint8Array) => {
  const header = parseBmpHeader("a.bmp", bytes);
  return { header, ...decodeBmp("a.bmp", bytes, header) };
};

const bytesOf = (name: string): Buffer => {
  const found = fixture.cases.find((item) => item.name === name)!;
  return Buffer.from(found.file, "base64");
};

test.each(fixture.cases)("$name: the pixels that Pillow reads", (item) => {
  const { header, channels, data } = decode(Buffer.from(item.file, "base64"));
  expect([header.width, header.height]).toEqual([item.width, item.height]);
  expect(channels).toBe(item.mode === "RGBA" ? 4 : 3);
  expect([...data]).toEqual(item.pixels);
});

/** A fixture with some bytes changed. */
function changed(name: string, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(bytesOf(name));
  change(bytes);
  return bytes;
}

test("headers that cannot be read say what was expected and what was got", () => {
  const cases: readonly [bytes: Buffer, text: string][] = [
    [Buffer.from("BM"), "BMP must have a header, got 2 bytes; save it as PNG"],
    [
      changed("24 bits, V4", (b) => b.writeUInt32LE(41, 14)),
      "BMP header must have 12, 16, 40, 52, 56, 64, 108, 124 bytes, got 41",
    ],
    [bytesOf("24 bits, V5").subarray(0, 60), "BMP header must have 124 bytes, got 46"],
    [changed("24 bits, V4", (b) => b.writeInt32LE(-5, 18)), "BMP must have pixels, got -5 x 7"],
    [changed("24 bits, V4", (b) => b.writeInt32LE(0, 22)), "BMP must have pixels, got 13 x 0"],
    [changed("24 bits, V4", (b) => b.writeUInt16LE(3, 28)), "BMP must have 1 to 32 bits, got 3"],
    [
      changed("24 bits, V4", (b) => b.writeUInt32LE(4, 30)),
      "BMP of 24 bits must be stored plainly, by run lengths or bit fields, got compression 4 (JPEG)",
    ],
    [
      changed("24 bits, V4", (b) => b.writeUInt32LE(77, 30)),
      "BMP of 24 bits must be stored plainly, by run lengths or bit fields, got compression 77 (unknown)",
    ],
    [
      changed("RLE8", (b) => b.writeInt32LE(-7, 22)),
      "BMP of run lengths must go from the bottom up, got one from the top",
    ],
    [
      changed("24 bits, V4", (b) => b.writeUInt32LE(9, 10)),
      "BMP pixels must begin within the file, after its 122 bytes of header, got 9",
    ],
    [
      changed("32 bits, bit fields", (b) => b.writeUInt32LE(0b101, 54)),
      "BMP bit fields must be of neighbouring bits, got mask 0x5",
    ],
    [
      bytesOf("24 bits, V4").subarray(0, 200),
      "must be a whole image, got a truncated or damaged one (13 x 7 pixels of 24 bits need 279 bytes, 78 are there)",
    ],
    [
      changed("8 bits, 16 colours", (b) => b.writeUInt8(200, b.length - 16)),
      "palette must have the colours of all pixels, got 16 colours and pixel value 200 at row 0, column 0",
    ],
    [
      bytesOf("RLE8").subarray(0, -20),
      "must be a whole image, got a truncated or damaged one (run lengths end at row ",
    ],
    [
      changed("RLE8", (b) => b.writeInt32LE(5, 18)),
      "run lengths must stay within 5 x 7 pixels, got row 6, column 5",
    ],
  ];
  for (const [bytes, text] of cases) expectError(() => decode(bytes), DataError, `a.bmp: ${text}`);
});

test("the last row needs no padding", () => {
  const item = fixture.cases.find(({ name }) => name === "24 bits, top down")!;
  const bytes = Buffer.from(item.file, "base64");
  expect((13 * 3) % 4).toBe(3);
  expect([...decode(bytes.subarray(0, -1)).data]).toEqual(item.pixels);
});

test("a size that the file cannot hold is refused by the header", () => {
  const bytes = changed("24 bits, V4", (b) => {
    b.writeInt32LE(2 ** 31 - 1, 18);
    b.writeInt32LE(-(2 ** 31), 22);
  });
  expectError(
    () => parseBmpHeader("a.bmp", bytes),
    DataError,
    "a.bmp: must be a whole image, got a truncated or damaged one (2147483647 x 2147483648 pixels",
  );
});

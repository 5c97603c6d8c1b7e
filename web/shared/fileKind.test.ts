import { expect, it } from "vitest";
import { describeFile } from "./fileKind.ts";

const bytes = (...values: readonly (number | string)[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) =>
      typeof value === "number" ? [value] : Array.from(value, (c) => c.charCodeAt(0)),
    ),
  );

it("tells kinds by the first bytes, and of PNG and JPEG the size before anything is decoded", () => {
  const png = bytes(
    137,
    "PNG",
    13,
    10,
    26,
    10,
    0,
    0,
    0,
    13,
    "IHDR",
    0,
    0,
    78,
    32,
    0,
    0,
    78,
    33,
    16,
    0,
  );
  expect(describeFile(png)).toEqual({
    kind: "png",
    size: { width: 20000, height: 20001 },
    bits: 16,
  });
  const jpeg = bytes(255, 0xd8, 255, 0xe0, 0, 4, 1, 2, 255, 0xc2, 0, 11, 8, 1, 0, 2, 0, 3);
  expect(describeFile(jpeg)).toEqual({ kind: "jpeg", size: { width: 512, height: 256 } });
  expect(describeFile(bytes("II", 42, 0)).kind).toBe("tiff");
  expect(describeFile(bytes("MM", 0, 42)).kind).toBe("tiff");
  expect(describeFile(bytes("\0".repeat(128), "DICM")).kind).toBe("dicom");
  expect(describeFile(bytes(64, 0, 0, 0, 0, 0, 0, 0, "{")).kind).toBe("safetensors");
});

it("says nothing certain of what is short, damaged or unknown", () => {
  expect(describeFile(bytes())).toEqual({ kind: "other" });
  expect(describeFile(bytes(137, "PNG"))).toEqual({ kind: "other" });
  expect(describeFile(bytes(255, 0xd8, 255, 0xe0, 255, 255))).toEqual({ kind: "jpeg" });
  expect(describeFile(bytes("hello, world, this is text"))).toEqual({ kind: "other" });
});

/** A small DICOM file, explicit little endian, uncompressed. */
import type { Mask, RgbImage } from "../../src/tensor/raster.ts";

const longForms = ["OB", "OW", "SQ", "UN", "UT"];

function element(group: number, number: number, kind: string, value: Uint8Array | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.from(value);
  const pad = kind === "UI" || kind === "OB" ? "\0" : " ";
  const body = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(pad)]);
  const long = longForms.includes(kind);
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(kind, 4, "latin1");
  if (long) head.writeUInt32LE(body.length, 8);
  else head.writeUInt16LE(body.length, 6);
  return Buffer.concat([head, body]);
}

const short = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8);

/**
 * @param image    colours, or grey values of one byte
 * @param spacing  of rows and of columns in mm; left out if absent
 */
export function dicomFile(
  { width, height, data }: RgbImage | Mask,
  spacing?: readonly [number, number],
): Buffer {
  const meta = element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1");
  const samples = data.length / (width * height);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from("DICM"),
    element(0x0002, 0x0000, "UL", length),
    meta,
    element(0x0028, 0x0002, "US", short(samples)),
    element(0x0028, 0x0004, "CS", samples === 1 ? "MONOCHROME2" : "RGB"),
    ...(samples === 1 ? [] : [element(0x0028, 0x0006, "US", short(0))]),
    element(0x0028, 0x0010, "US", short(height)),
    element(0x0028, 0x0011, "US", short(width)),
    ...(spacing ? [element(0x0028, 0x0030, "DS", spacing.join("\\"))] : []),
    element(0x0028, 0x0100, "US", short(8)),
    element(0x0028, 0x0101, "US", short(8)),
    element(0x0028, 0x0102, "US", short(7)),
    element(0x0028, 0x0103, "US", short(0)),
    element(0x7fe0, 0x0010, "OB", data),
  ]);
}

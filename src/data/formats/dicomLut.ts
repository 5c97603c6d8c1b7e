/** DICOM's look-up tables: of modality values, of brightness, of palette colours. */
import type { DataSet } from "dicom-parser";
import { DataError } from "../../base/errors.ts";

/** A table of values; what lies before or behind it takes its first or last one. */
export interface DicomLut {
  /** The stored value of the first entry. */
  readonly first: number;
  readonly values: Uint16Array;
  /** Bits of an entry, 8 to 16. */
  readonly bits: number;
}

/**
 * Reads a table.
 *
 * @param descriptor  tag of (entries, first stored value, bits of an entry); 0 entries mean 65536
 * @param signed      whether the first stored value is
 * @throws {DataError} if the table is missing or shorter than its descriptor says.
 */
export function dicomLut(
  path: string,
  set: DataSet,
  descriptor: string,
  data: string,
  signed: boolean,
): DicomLut {
  const stated = set.uint16(descriptor, 0);
  const first = signed ? set.int16(descriptor, 1) : set.uint16(descriptor, 1);
  const bits = set.uint16(descriptor, 2);
  const element = set.elements[data];
  const where = `${path}: DICOM look-up table (${data.slice(1, 5)},${data.slice(5)})`;
  if (stated === undefined || first === undefined || bits === undefined || element === undefined) {
    throw new DataError(`${where} must have a descriptor and data, got none`);
  }
  if (bits < 8 || bits > 16) throw new DataError(`${where} must have 8 to 16 bits, got ${bits}`);
  const entries = stated === 0 ? 65536 : stated;
  const bytes = element.length;
  const { length } = set.byteArray;
  if (element.dataOffset + bytes > length || bytes < entries) {
    throw new DataError(`${where} must have ${entries} entries, got ${bytes} bytes`);
  }
  const values = new Uint16Array(entries);
  // Tables of 8 bits come packed or in words.
  const packed = bits === 8 && bytes < 2 * entries;
  if (!packed && bytes < 2 * entries) {
    throw new DataError(`${where} must have ${entries} entries of 16 bits, got ${bytes} bytes`);
  }
  for (let i = 0; i < entries; i++) {
    values[i] = packed ? set.byteArray[element.dataOffset + i]! : set.uint16(data, i)!;
  }
  return { first, values, bits };
}

/** The table's value for a stored or modality value. */
export function lookUp({ first, values }: DicomLut, value: number): number {
  const index = Math.round(value) - first;
  return values[index < 0 ? 0 : index >= values.length ? values.length - 1 : index]!;
}

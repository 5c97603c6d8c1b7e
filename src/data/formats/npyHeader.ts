/** The header of NumPy's .npy files: element type, shape and where the values begin. */
import { DataError } from "../../base/errors.ts";

/** What the values of an array are. */
export type NpyDtype =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "float32"
  | "float64";

/** What a .npy file holds, by its header. */
export interface NpyHeader {
  readonly dtype: NpyDtype;
  /** Bytes of one element. */
  readonly itemBytes: number;
  readonly littleEndian: boolean;
  /** Whether the first index runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly version: 1 | 2 | 3;
  /** Where the values begin, bytes from the start of the file. */
  readonly dataStart: number;
}

/** Bytes of magic, version and the longest length field. */
export const npyPreambleBytes = 12;
/** The longest header read; NumPy itself stops at 10,000 characters. */
const longestHeader = 10_000;

const dtypes: Readonly<Record<string, readonly [dtype: NpyDtype, bytes: number]>> = {
  b1: ["bool", 1],
  i1: ["int8", 1],
  u1: ["uint8", 1],
  i2: ["int16", 2],
  u2: ["uint16", 2],
  i4: ["int32", 4],
  u4: ["uint32", 4],
  i8: ["int64", 8],
  u8: ["uint64", 8],
  f2: ["float16", 2],
  f4: ["float32", 4],
  f8: ["float64", 8],
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Version and length of a header, from the first 12 bytes of the file.
 *
 * @returns where the header's text begins and ends
 * @throws {DataError} if it is no .npy file, of a later version, or the header is longer than 10,000 bytes.
 */
export function npyPreamble(
  path: string,
  bytes: Uint8Array,
): { version: 1 | 2 | 3; start: number; end: number } {
  if (bytes.length < 10 || magic.some((value, i) => bytes[i] !== value)) {
    throw new DataError(
      `${path}: must be a .npy file, got one of ${bytes.length === 0 ? "no bytes" : "another kind"}`,
    );
  }
  const version = bytes[6]!;
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new DataError(`${path}: .npy version must be 1, 2 or 3, got ${version}.${bytes[7]!}`);
  }
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) {
    throw new DataError(`${path}: .npy file must have a header, got ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) {
    throw new DataError(
      `${path}: .npy header must have at most ${longestHeader} bytes, got ${length}`,
    );
  }
  return { version, start, end: start + length };
}

/**
 * Reads the header's text, a Python dictionary of descr, fortran_order and shape.
 *
 * @param text       the header
 * @param fileBytes  length of the whole file
 * @throws {DataError} if the text is none, the type is not numeric, or the file is too short for the shape.
 */
export function parseNpyHeader(
  path: string,
  text: string,
  preamble: { readonly version: 1 | 2 | 3; readonly end: number },
  fileBytes: number,
): NpyHeader {
  const refuse = (must: string, got: string): never => {
    throw new DataError(`${path}: .npy header must ${must}, got ${got}`);
  };
  const shown = text.trim().slice(0, 80);
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? refuse("be a dictionary", JSON.stringify(shown));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(body)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(body)?.[1];
  const tuple = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(body)?.[1];
  if (descr === undefined || order === undefined || tuple === undefined) {
    return refuse("hold descr, fortran_order and shape", JSON.stringify(shown));
  }
  const [, endian = "", code = ""] = /^([<>|=]?)(.*)$/s.exec(descr) ?? [];
  const known = dtypes[code];
  if (known === undefined || endian === "=") {
    return refuse("describe numbers (<u1, <i4, <f4, ...)", JSON.stringify(descr));
  }
  const [dtype, itemBytes] = known;
  const shape = tuple
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  if (shape.some((size) => !Number.isSafeInteger(size))) {
    refuse("hold a shape of whole numbers", `(${tuple})`);
  }
  const needed = shape.reduce((product, size) => product * size, itemBytes);
  if (needed > fileBytes - preamble.end) {
    throw new DataError(
      `${path}: .npy file must hold ${needed} bytes of values for shape (${shape.join(", ")}) of ${dtype}, got ${Math.max(0, fileBytes - preamble.end)}; it may be cut off`,
    );
  }
  const littleEndian = endian !== ">";
  const { version, end: dataStart } = preamble;
  const fortranOrder = order === "True";
  return { dtype, itemBytes, littleEndian, fortranOrder, shape, version, dataStart };
}

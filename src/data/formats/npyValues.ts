/** The values of a .npy file from their bytes. */
import { DataError } from "../../base/errors.ts";
import type { NpyHeader } from "./npyHeader.ts";

/** Values as JavaScript has them; 64-bit integers as float64, half floats as float32, bool as 0 and 1. */
export type NpyValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/**
 * Numbers of `bytes`, of the header's type and byte order.
 *
 * @param where  for messages
 * @throws {DataError} if a 64-bit integer is beyond 2^53.
 */
export function npyValues(
  bytes: Uint8Array,
  { dtype, itemBytes, littleEndian }: Pick<NpyHeader, "dtype" | "itemBytes" | "littleEndian">,
  where: string,
): NpyValues {
  const count = bytes.length / itemBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fill = <T extends NpyValues>(into: T, read: (at: number) => number): T => {
    for (let i = 0; i < count; i++) into[i] = read(i * itemBytes);
    return into;
  };
  const safe = (value: bigint): number => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new DataError(
      `${where}: whole numbers must be at most 2^53 - 1, got ${value.toString()}`,
    );
  };
  switch (dtype) {
    case "uint8":
      return bytes;
    case "bool":
      return bytes.map((value) => (value === 0 ? 0 : 1));
    case "int8":
      return new Int8Array(bytes.buffer, bytes.byteOffset, count);
    case "uint16":
      return fill(new Uint16Array(count), (at) => view.getUint16(at, littleEndian));
    case "int16":
      return fill(new Int16Array(count), (at) => view.getInt16(at, littleEndian));
    case "uint32":
      return fill(new Uint32Array(count), (at) => view.getUint32(at, littleEndian));
    case "int32":
      return fill(new Int32Array(count), (at) => view.getInt32(at, littleEndian));
    case "uint64":
      return fill(new Float64Array(count), (at) => safe(view.getBigUint64(at, littleEndian)));
    case "int64":
      return fill(new Float64Array(count), (at) => safe(view.getBigInt64(at, littleEndian)));
    case "float16":
      return fill(new Float32Array(count), (at) => halfToNumber(view.getUint16(at, littleEndian)));
    case "float32":
      return fill(new Float32Array(count), (at) => view.getFloat32(at, littleEndian));
    case "float64":
      return fill(new Float64Array(count), (at) => view.getFloat64(at, littleEndian));
  }
}

/** IEEE 754 half: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

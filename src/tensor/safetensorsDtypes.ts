/** Element types of safetensors files, and how each is read into float32. */

/** How one element type is laid out and read; values are little-endian. */
export interface ElementType {
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

/**
 * The element types that can be read. What float32 cannot hold exactly is rounded to the nearest
 * float32: F64 and integers beyond 2^24. F16 and BF16 are exact.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["F64", { bytes: 8, read: (v, i) => v.getFloat64(i, true) }],
  ["F32", { bytes: 4, read: (v, i) => v.getFloat32(i, true) }],
  ["F16", { bytes: 2, read: (v, i) => halfToFloat(v.getUint16(i, true)) }],
  ["BF16", { bytes: 2, read: (v, i) => bfloatToFloat(v.getUint16(i, true)) }],
  ["I64", { bytes: 8, read: (v, i) => Number(v.getBigInt64(i, true)) }],
  ["U64", { bytes: 8, read: (v, i) => Number(v.getBigUint64(i, true)) }],
  ["I32", { bytes: 4, read: (v, i) => v.getInt32(i, true) }],
  ["U32", { bytes: 4, read: (v, i) => v.getUint32(i, true) }],
  ["I16", { bytes: 2, read: (v, i) => v.getInt16(i, true) }],
  ["U16", { bytes: 2, read: (v, i) => v.getUint16(i, true) }],
  ["I8", { bytes: 1, read: (v, i) => v.getInt8(i) }],
  ["U8", { bytes: 1, read: (v, i) => v.getUint8(i) }],
  ["BOOL", { bytes: 1, read: (v, i) => (v.getUint8(i) === 0 ? 0 : 1) }],
]);

/** IEEE 754 binary16: sign 1, exponent 5 (bias 15), fraction 10 bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
function bfloatToFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

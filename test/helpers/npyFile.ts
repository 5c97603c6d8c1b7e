/** Bytes of .npy files, for tests. */

/**
 * A file of NumPy's format.
 *
 * @param descr    e.g. `<i4`
 * @param values   written as they lie in memory
 * @param version  of the format; default 1
 */
export function npyFile(
  descr: string,
  shape: readonly number[],
  values: ArrayBufferView,
  version: 1 | 2 | 3 = 1,
  fortranOrder = false,
): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]!},` : shape.join(", ");
  const order = fortranOrder ? "True" : "False";
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`;
  const start = version === 1 ? 10 : 12;
  const padded = header.padEnd(Math.ceil((start + header.length + 1) / 64) * 64 - start - 1) + "\n";
  const head = Buffer.alloc(start);
  head.write("\x93NUMPY", "latin1");
  head[6] = version;
  if (version === 1) head.writeUInt16LE(padded.length, 8);
  else head.writeUInt32LE(padded.length, 8);
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([head, Buffer.from(padded, "latin1"), body]);
}

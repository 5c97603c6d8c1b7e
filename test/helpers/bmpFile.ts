/** BMP files, as PH2 has them: 24-bit colour, and 1-bit with a palette of black and white. */

/**
 * A bottom-up, uncompressed BMP.
 *
 * @param at  red, green, blue of a pixel; with 1 bit, any of them above 127 is white
 */
export function bmpFile(
  width: number,
  height: number,
  bits: 1 | 24,
  at: (x: number, y: number) => readonly [number, number, number],
): Uint8Array {
  const stride = Math.ceil((width * bits) / 32) * 4;
  const start = 54 + (bits === 1 ? 8 : 0);
  const bytes = new Uint8Array(start + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  if (bits === 1) bytes.set([0, 0, 0, 0, 255, 255, 255, 0], 54);
  for (let y = 0; y < height; y++) {
    const row = start + (height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = at(x, y);
      if (bits === 24) bytes.set([blue, green, red], row + 3 * x);
      else if (Math.max(red, green, blue) > 127) bytes[row + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  return bytes;
}

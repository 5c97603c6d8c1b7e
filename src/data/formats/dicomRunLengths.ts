/** DICOM's RLE: every byte of a sample in a plane of its own, each packed by run lengths. */
import { DataError } from "../../base/errors.ts";

/** Bytes of the header: the count of planes, and where up to 15 of them begin. */
const headerBytes = 64;

/**
 * Unpacks a frame. The planes come highest byte first.
 *
 * @param area    bytes of a plane: one a pixel
 * @param planes  samples of a pixel times bytes of a sample: 1, 2, 3 or 6
 * @returns the samples of one colour after another, 16-bit ones in little-endian order
 * @throws {DataError} if the header does not fit, or a plane is short.
 */
export function dicomRunLengths(
  path: string,
  bytes: Uint8Array,
  area: number,
  planes: number,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated = bytes.length < headerBytes ? 0 : view.getUint32(0, true);
  if (stated !== planes) {
    throw new DataError(`${path}: DICOM run lengths must be of ${planes} planes, got ${stated}`);
  }
  // Two bytes say at most 128: what cannot be enough is refused before memory is taken.
  if (bytes.length * 64 < area * planes) {
    throw new DataError(
      `${path}: must be a whole image, got a truncated or damaged one (${bytes.length} bytes of run lengths for ${area * planes} bytes of pixels)`,
    );
  }
  const bytesEach = planes % 2 === 0 ? 2 : 1;
  const unpacked = new Uint8Array(area * planes);
  for (let plane = 0; plane < planes; plane++) {
    const sample = Math.floor(plane / bytesEach);
    const first = sample * area * bytesEach + (bytesEach - 1 - (plane % bytesEach));
    const begin = view.getUint32(4 + 4 * plane, true);
    const end = plane + 1 < planes ? view.getUint32(8 + 4 * plane, true) : bytes.length;
    const done = unpack(bytes.subarray(begin, end), unpacked, first, bytesEach, area);
    if (done < area) {
      throw new DataError(
        `${path}: must be a whole image, got a truncated or damaged one (plane ${plane} of the run lengths has ${done} of ${area} bytes)`,
      );
    }
  }
  return unpacked;
}

/**
 * A count of 0..127: so many bytes and one as they are; of 129..255: the next byte 257 - count times; 128:
 * nothing. Returns the count of bytes unpacked.
 */
function unpack(
  packed: Uint8Array,
  into: Uint8Array,
  first: number,
  step: number,
  area: number,
): number {
  let done = 0;
  for (let at = 0; at < packed.length && done < area;) {
    const count = packed[at++]!;
    if (count === 128) continue;
    const repeated = count > 128;
    const length = repeated ? 257 - count : count + 1;
    for (let i = 0; i < length && done < area && at < packed.length; i++, done++) {
      into[first + done * step] = packed[at]!;
      if (!repeated) at++;
    }
    if (repeated) at++;
  }
  return done;
}

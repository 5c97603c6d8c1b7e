/** The boundaries between instances, and between instances and background, as a training target. */
import { ShapeError } from "../../base/errors.ts";

/**
 * 1 where the largest and the smallest id of the 3 x 3 neighbourhood differ: a rim of one pixel on either side of every
 * border, also between two instances that touch. Pixels outside the image do not take part, so that the frame is not a
 * boundary. On a binary mask it is the morphological gradient that the edge head of the network is trained on.
 *
 * @param instances  ids row by row, 0 background; ids may have gaps
 * @returns          0 or 1 a pixel
 * @throws {ShapeError} if the ids do not fill the width and height.
 */
export function instanceBoundary(
  instances: Int32Array | Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const area = width * height;
  if (instances.length !== area) {
    throw new ShapeError(
      `instanceBoundary: ids of ${width} x ${height} (width x height) must number ${area}, got ${instances.length}`,
    );
  }
  // The square is of one id if its three rows are, and its middle column is.
  const rows = new Uint8Array(area);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let i = start + 1; i < start + width; i++) {
      const differs = instances[i] === instances[i - 1] ? 0 : 1;
      rows[i - 1]! |= differs;
      rows[i] = differs;
    }
  }
  const boundary = rows.slice();
  for (let i = width; i < area; i++) {
    const differs = instances[i] === instances[i - width] ? 0 : 1;
    boundary[i]! |= differs | rows[i - width]!;
    boundary[i - width]! |= differs | rows[i]!;
  }
  return boundary;
}

/** The border of a mask: the pixels from which surface distances are measured. */

import type { Mask } from "../tensor/raster.ts";
import { ones, wordsOf } from "./wordsOf.ts";

/**
 * Border = mask XOR its erosion by the 4-neighbour cross, with nothing outside the image: foreground
 * pixels that touch background or the frame by a side. The rule of MedPy, MONAI and MetricsReloaded.
 *
 * @returns a mask of the same size; empty if and only if `mask` is empty.
 */
export function border(mask: Mask): Mask {
  const { width, height, data } = mask;
  const out = new Uint8Array(data.length);
  // No branches on pixels: on ragged masks they would cost more than the work itself.
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * width - 1;
    for (let i = y * width + 1; i < end; i++) {
      const around = data[i - 1]! & data[i + 1]! & data[i - width]! & data[i + width]!;
      out[i] = data[i]! & ~around;
    }
  }
  for (let y = 0; y < height; y++)
    for (const i of [y * width, (y + 1) * width - 1]) out[i] = data[i]!;
  out.set(data.subarray(0, width));
  out.set(data.subarray(data.length - width), data.length - width);
  return { width, height, data: out };
}

/** The indices, `y * width + x`, of the foreground pixels, ascending. */
export function foregroundIndices({ data }: Mask): Int32Array {
  const words = wordsOf(data);
  let count = 0;
  for (let i = 0; i < words.length; i++) count += ones(words[i]!);
  const indices = new Int32Array(count);
  for (let i = 0, n = 0; n < count; i++) {
    if (words[i] === 0) continue;
    for (let k = 4 * i; k < 4 * i + 4; k++) if (data[k] === 1) indices[n++] = k;
  }
  return indices;
}

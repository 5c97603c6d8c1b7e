/** The border of a mask: the pixels from which surface distances are measured. */

import type { Mask } from "../tensor/raster.ts";

/**
 * Border = mask XOR its erosion by the 4-neighbour cross, with nothing outside the image: foreground
 * pixels that touch background or the frame by a side. The rule of MedPy, MONAI and MetricsReloaded.
 *
 * @returns a mask of the same size; empty if and only if `mask` is empty.
 */
export function border(mask: Mask): Mask {
  const { width, height, data } = mask;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const frameRow = y === 0 || y === height - 1;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      if (data[i] === 0) continue;
      const inside =
        !frameRow &&
        x > 0 &&
        x < width - 1 &&
        data[i - 1] !== 0 &&
        data[i + 1] !== 0 &&
        data[i - width] !== 0 &&
        data[i + width] !== 0;
      if (!inside) out[i] = 1;
    }
  }
  return { width, height, data: out };
}

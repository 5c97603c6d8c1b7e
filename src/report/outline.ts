/** The outermost pixels of regions: where contours are drawn and border errors measured. */
import type { Labels, Mask } from "../tensor/raster.ts";

/** What has an outline: one region, or every instance, or every class where instances are not told apart. */
export type Regions = Mask | Labels;

/** The number of each pixel's region, 0 for background. */
export const regionIds = (regions: Regions): Uint8Array | Int32Array =>
  "data" in regions ? regions.data : (regions.instances ?? regions.classes);

/**
 * Pixels of a region that share a side with another region, the background or the frame. For a mask these
 * are the pixels that `border` gives, from which the surface metrics are measured.
 */
export function outline(regions: Regions): Mask {
  const { width, height } = regions;
  const ids = regionIds(regions);
  const data = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const id = ids[i]!;
      if (id === 0) continue;
      const inner =
        x > 0 &&
        x + 1 < width &&
        y > 0 &&
        y + 1 < height &&
        ids[i - 1] === id &&
        ids[i + 1] === id &&
        ids[i - width] === id &&
        ids[i + width] === id;
      if (!inner) data[i] = 1;
    }
  }
  return { width, height, data };
}

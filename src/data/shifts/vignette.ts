/** Pictures that darken towards their corners, as seen through a tube or a worn lamp. */
import type { RgbImage } from "../../tensor/raster.ts";

/**
 * out = in (1 - depth r^2), with r the distance from the centre ((W - 1) / 2, (H - 1) / 2), 1 in the corners.
 *
 * @param depth  0..1; 0 changes nothing, 1 leaves the corners black
 */
export function vignette({ width, height, data }: RgbImage, depth: number): RgbImage {
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const farthest = Math.max(1, centreX ** 2 + centreY ** 2);
  const result = new Uint8Array(data.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const kept = 1 - (depth * ((x - centreX) ** 2 + (y - centreY) ** 2)) / farthest;
      for (let c = 0; c < 3; c++, at++) result[at] = Math.floor(data[at]! * kept + 0.5);
    }
  }
  return { width, height, data: result };
}

/** Noisy pictures. */
import type { Random } from "../../base/random.ts";
import type { RgbImage } from "../../tensor/raster.ts";
import { normals } from "./normals.ts";

/**
 * out = in + 255 std n, clamped to 0..255, with n standard normal, each channel of each pixel on its own.
 *
 * @param std  share of the range of values, 0..1
 * @see Albumentations 2.0.8, GaussNoise(per_channel=True)
 */
export function gaussianNoise(
  { width, height, data }: RgbImage,
  random: Random,
  std: number,
): RgbImage {
  const noise = normals(random, data.length);
  const result = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++)
    result[i] = Math.floor(data[i]! + 255 * std * noise[i]! + 0.5);
  return { width, height, data: new Uint8Array(result.buffer) };
}

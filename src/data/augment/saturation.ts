/** Pictures of stronger and of paler colours. */
import type { RgbImage } from "../../tensor/raster.ts";
import { luminance } from "./luminance.ts";

/**
 * out = Y + factor (in - Y), clamped to 0..255, with Y the luminance of the pixel.
 *
 * @param factor  at least 0; 1 changes nothing, 0 leaves grey
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(saturation)
 */
export function saturation({ width, height, data }: RgbImage, factor: number): RgbImage {
  const result = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const grey = luminance(data, at);
    for (let c = at; c < at + 3; c++)
      result[c] = Math.floor(grey + factor * (data[c]! - grey) + 0.5);
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}

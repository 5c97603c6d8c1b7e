/** Pictures of more and of less contrast. */
import type { RgbImage } from "../../tensor/raster.ts";
import { luminance } from "./luminance.ts";
import { mapValues } from "./mapValues.ts";

/**
 * out = m + factor (in - m), clamped to 0..255, with m the mean luminance of the picture.
 *
 * @param factor  at least 0; 1 changes nothing, 0 leaves a grey area
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(contrast)
 */
export function contrast(image: RgbImage, factor: number): RgbImage {
  let sum = 0;
  for (let at = 0; at < image.data.length; at += 3) sum += luminance(image.data, at);
  const mean = sum / (image.data.length / 3);
  return mapValues(image, (value) => mean + factor * (value - mean));
}

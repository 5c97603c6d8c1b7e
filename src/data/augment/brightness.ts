/** Lighter and darker pictures. */
import type { RgbImage } from "../../tensor/raster.ts";
import { mapValues } from "./mapValues.ts";

/**
 * out = factor in, clamped to 0..255.
 *
 * @param factor  at least 0; 1 changes nothing
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(brightness)
 */
export const brightness = (image: RgbImage, factor: number): RgbImage =>
  mapValues(image, (value) => value * factor);

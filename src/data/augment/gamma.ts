/** Lighter and darker pictures whose black and white stay. */
import type { RgbImage } from "../../tensor/raster.ts";
import { mapValues } from "./mapValues.ts";

/**
 * out = 255 (in / 255)^exponent.
 *
 * @param exponent  above 0; 1 changes nothing, above 1 darkens
 * @see Albumentations 2.0.8, RandomGamma (in percent there)
 */
export const gamma = (image: RgbImage, exponent: number): RgbImage =>
  mapValues(image, (value) => 255 * (value / 255) ** exponent);

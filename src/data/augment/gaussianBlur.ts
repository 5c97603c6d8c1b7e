/** Blurred pictures. */
import type { RgbImage } from "../../tensor/raster.ts";
import { gaussianKernel, smooth } from "./gaussian.ts";

/**
 * Convolution with a Gaussian of deviation `sigma` and radius floor(3.5 sigma), borders mirrored.
 *
 * @param sigma  pixels; below 2/7 nothing changes
 * @returns the same object when nothing changes
 * @see Albumentations 2.0.8, GaussianBlur(blur_limit=0)
 */
export function gaussianBlur(image: RgbImage, sigma: number): RgbImage {
  const radius = Math.floor(3.5 * sigma);
  if (radius === 0) return image;
  const { width, height } = image;
  const values = smooth(image.data, width, height, 3, gaussianKernel(sigma, radius), "reflect101");
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) data[i] = values[i]! + 0.5;
  return { width, height, data };
}

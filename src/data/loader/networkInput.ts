/** How an image becomes what a network takes: whole or in parts, as float32 NCHW numbers. */
import type { RgbImage } from "../../tensor/raster.ts";

/**
 * `resize` shows the network all of an image, at another scale; `crop` keeps its scale and shows parts of it: another one each
 * epoch in training, overlapping tiles in prediction.
 */
export const fits = ["resize", "crop"] as const;

export type Fit = (typeof fits)[number];

/** One number a channel, in the order red, green, blue. */
export type PerChannel = readonly [red: number, green: number, blue: number];

/** Mean of ImageNet's pixels, on values in 0..1. */
export const imageNetMean: PerChannel = [0.485, 0.456, 0.406];

/** Standard deviation of ImageNet's pixels, on values in 0..1. */
export const imageNetStd: PerChannel = [0.229, 0.224, 0.225];

/** Options of `normaliseImage`; ImageNet's statistics by default. */
export interface NormaliseOptions {
  readonly mean?: PerChannel;
  readonly std?: PerChannel;
}

/**
 * y[c, row, column] = (x[row, column, c] / 255 - mean[c]) / std[c], written as [3, H, W] into `target`.
 *
 * @param target  float32, at least `offset` + 3 H W long
 * @param offset  where the image begins in `target`
 */
export function normaliseImage(
  image: RgbImage,
  target: Float32Array,
  offset = 0,
  options: NormaliseOptions = {},
): void {
  const { mean = imageNetMean, std = imageNetStd } = options;
  const area = image.width * image.height;
  for (let c = 0; c < 3; c++) {
    const table = new Float32Array(256);
    for (let v = 0; v < 256; v++) table[v] = (v / 255 - mean[c]!) / std[c]!;
    const plane = target.subarray(offset + c * area, offset + (c + 1) * area);
    for (let i = 0, from = c; i < area; i++, from += 3) plane[i] = table[image.data[from]!]!;
  }
}

/** Elastic deformation: a smooth random field moves every pixel. */
import { ArgumentError } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import type { Border } from "./border.ts";
import { gaussianKernel, smooth } from "./gaussian.ts";
import { normals } from "./normals.ts";
import { warp } from "./warp.ts";

/**
 * d = alpha G(sigma) * n / max|n|, with n standard normal numbers and G the Gaussian of radius 4 sigma,
 * beyond the border the outermost value.
 *
 * @param alpha  strength; a displacement has a deviation of about alpha / (15 sigma) pixels at 128 x 128
 * @param sigma  pixels over which displacements stay alike
 * @returns [H, W, 2]: displacements along x and y in pixels
 * @throws {ArgumentError} if alpha is negative or sigma not positive.
 * @see Simard, Steinkraus, Platt 2003; Albumentations 2.0.8, ElasticTransform
 */
export function displacementField(
  random: Random,
  width: number,
  height: number,
  alpha: number,
  sigma: number,
): Float32Array {
  if (!(alpha >= 0 && alpha < Infinity)) {
    throw new ArgumentError(`elastic: alpha must be at least 0 and finite, got ${alpha}`);
  }
  if (!(sigma > 0 && sigma < Infinity)) {
    throw new ArgumentError(`elastic: sigma must be positive and finite, got ${sigma}`);
  }
  return smoothField(normals(random, width * height * 2), width, height, alpha, sigma);
}

/** alpha G(sigma) * n / max|n|; see `displacementField`. */
export function smoothField(
  noise: Float32Array,
  width: number,
  height: number,
  alpha: number,
  sigma: number,
): Float32Array {
  let most = 0;
  for (const value of noise) most = Math.max(most, Math.abs(value));
  const kernel = gaussianKernel(sigma, Math.round(4 * sigma));
  const field = smooth(noise, width, height, 2, kernel, "replicate");
  const strength = most > 0 ? alpha / most : 0;
  for (let i = 0; i < field.length; i++) field[i]! *= strength;
  return field;
}

/**
 * The sample with every pixel moved: out(x, y) = in(x + d[y, x, 0], y + d[y, x, 1]); the image bilinear,
 * the labels nearest. Instances may fall apart or vanish; their ids stay.
 *
 * @param field  [H, W, 2], pixels
 */
export function displace(
  sample: Labelled,
  field: Float32Array,
  border: Border = "reflect101",
): Labelled {
  return warp(
    sample,
    (y, sourceX, sourceY) => {
      for (let x = 0, at = y * sourceX.length * 2; x < sourceX.length; x++, at += 2) {
        sourceX[x] = x + field[at]!;
        sourceY[x] = y + field[at + 1]!;
      }
    },
    border,
  );
}

/** `displace` by a `displacementField`. Takes 2 W H numbers from `random`. */
export function elastic(
  sample: Labelled,
  random: Random,
  alpha: number,
  sigma: number,
  border: Border = "reflect101",
): Labelled {
  const { width, height } = sample.labels;
  return displace(sample, displacementField(random, width, height, alpha, sigma), border);
}

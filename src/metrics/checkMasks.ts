/** What must hold of a pair of masks before anything is measured on it. */

import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import { wordsOf } from "./wordsOf.ts";

/**
 * Refuses a pair that cannot be compared.
 *
 * @throws {ShapeError} if the sizes differ, or a mask's data does not fill its width and height.
 * @throws {ArgumentError} if a mask has no pixels, or a value is neither 0 nor 1.
 */
export function checkMasks(prediction: Mask, truth: Mask): void {
  checkMask("prediction", prediction);
  checkMask("truth", truth);
  if (prediction.width !== truth.width || prediction.height !== truth.height)
    throw new ShapeError(
      `metrics: prediction and truth must have the same size, got ` +
        `${prediction.width} x ${prediction.height} and ${truth.width} x ${truth.height} ` +
        `(width x height); resize the prediction to the truth first`,
    );
}

function checkMask(role: string, { width, height, data }: Mask): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new ArgumentError(
      `metrics: ${role} must have at least one pixel, got ${width} x ${height}`,
    );
  if (data.length !== width * height)
    throw new ShapeError(
      `metrics: ${role} of ${width} x ${height} must hold ${width * height} values, got ${data.length}`,
    );
  let seen = 0;
  const words = wordsOf(data);
  for (let i = 0; i < words.length; i++) seen |= words[i]!;
  if ((seen & 0xfefefefe) === 0) return;
  const at = data.findIndex((value) => value > 1);
  throw new ArgumentError(
    `metrics: ${role} must contain only 0 and 1, got ${data[at]!} ` +
      `at row ${Math.floor(at / width)}, column ${at % width}; threshold it first`,
  );
}

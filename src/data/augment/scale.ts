/** Zooming in and out about the centre. */
import { ArgumentError } from "../../base/errors.ts";
import type { Labelled } from "../../tensor/raster.ts";
import type { Border } from "./border.ts";
import { warp } from "./warp.ts";

/**
 * Scaling by `factor` about ((W - 1) / 2, (H - 1) / 2) at the same size; the image bilinear, the labels
 * nearest: the source of an output pixel at offset d from the centre lies at d / factor.
 *
 * @param factor  above 1 enlarges, below 1 shrinks and shows what `border` says around
 * @throws {ArgumentError} if `factor` is not positive and finite.
 * @see Albumentations 2.0.8, Affine(scale, keep_ratio=True)
 */
export function scale(sample: Labelled, factor: number, border: Border = "reflect101"): Labelled {
  if (!(factor > 0 && factor < Infinity)) {
    throw new ArgumentError(`scale: factor must be positive and finite, got ${factor}`);
  }
  const centreX = (sample.labels.width - 1) / 2;
  const centreY = (sample.labels.height - 1) / 2;
  return warp(
    sample,
    (y, sourceX, sourceY) => {
      sourceY.fill((y - centreY) / factor + centreY);
      for (let x = 0; x < sourceX.length; x++) sourceX[x] = (x - centreX) / factor + centreX;
    },
    border,
  );
}

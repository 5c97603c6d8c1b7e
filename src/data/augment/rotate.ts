/** Rotation by any angle. */
import type { Labelled } from "../../tensor/raster.ts";
import type { Border } from "./border.ts";
import { warp } from "./warp.ts";

/**
 * Rotation about ((W - 1) / 2, (H - 1) / 2) at the same size; the image bilinear, the labels nearest.
 *
 * With c, s = cos, sin of the angle and (dx, dy) the offset of an output pixel from the centre, the
 * source lies at (c dx - s dy, s dx + c dy) from the centre (y points down).
 *
 * @param degrees  counter-clockwise as seen
 * @see Albumentations 2.0.8, Rotate
 */
export function rotate(sample: Labelled, degrees: number, border: Border = "reflect101"): Labelled {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const centreX = (sample.labels.width - 1) / 2;
  const centreY = (sample.labels.height - 1) / 2;
  return warp(
    sample,
    (y, sourceX, sourceY) => {
      const acrossY = sin * (y - centreY);
      const alongY = cos * (y - centreY);
      for (let x = 0; x < sourceX.length; x++) {
        sourceX[x] = cos * (x - centreX) - acrossY + centreX;
        sourceY[x] = sin * (x - centreX) + alongY + centreY;
      }
    },
    border,
  );
}

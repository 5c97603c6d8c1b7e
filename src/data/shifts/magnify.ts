/** Pictures as a microscope of another magnification would have taken them. */
import type { Labelled } from "../../tensor/raster.ts";
import { resizeImage, resizeLabels } from "../images/resize.ts";

/**
 * Image and labels at round(factor W) x round(factor H) pixels, at least 1 x 1: the image bilinear, an area average when
 * shrinking; the labels nearest, so that small objects may vanish.
 *
 * @param factor  above 0; 1 changes nothing
 */
export function magnify({ image, labels }: Labelled, factor: number): Labelled {
  const width = Math.max(1, Math.round(factor * image.width));
  const height = Math.max(1, Math.round(factor * image.height));
  return {
    image: resizeImage(image, width, height),
    labels: resizeLabels(labels, width, height),
  };
}

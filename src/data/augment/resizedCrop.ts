/** A random window of a sample, brought to a size: random resized crop. */
import type { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { resizeImage, resizeLabels } from "../images/resize.ts";
import { cutWindow } from "./window.ts";

/** A rectangle of pixels. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How large a window is, and how long. */
export interface WindowOptions {
  /** The area is a share of the picture's, uniform in smallestArea..1. */
  readonly smallestArea: number;
  /** Width / height is log-uniform in 1 / largestRatio..largestRatio, 1 or more. */
  readonly largestRatio: number;
}

/**
 * A window inside width x height: area uniform, aspect ratio log-uniform, place uniform. A window that
 * does not fit is drawn anew; after ten, it is the largest central one with an allowed ratio.
 *
 * @see Albumentations 2.0.8, RandomResizedCrop; the numbers are drawn in its order
 */
export function drawWindow(
  random: Random,
  width: number,
  height: number,
  { smallestArea, largestRatio }: WindowOptions,
): Window {
  const area = width * height;
  const longest = Math.log(largestRatio);
  for (let attempt = 0; attempt < 10; attempt++) {
    const wanted = random.uniform(smallestArea * area, area);
    const ratio = Math.exp(random.uniform(-longest, longest));
    const w = Math.round(Math.sqrt(wanted * ratio));
    const h = Math.round(Math.sqrt(wanted / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const y = random.int(height - h + 1);
    const x = random.int(width - w + 1);
    return { x, y, width: w, height: h };
  }
  const w = Math.min(width, Math.max(1, Math.round(height * largestRatio)));
  const h = Math.min(height, Math.max(1, Math.round(width * largestRatio)));
  return { x: (width - w) >> 1, y: (height - h) >> 1, width: w, height: h };
}

/** The window of a sample at another size, resized as `resizeImage` and `resizeLabels` do. */
export function resizedCrop(
  sample: Labelled,
  window: Window,
  width: number,
  height: number,
): Labelled {
  const part = cutWindow(sample, window.x, window.y, window.width, window.height);
  return {
    image: resizeImage(part.image, width, height),
    labels: resizeLabels(part.labels, width, height),
  };
}

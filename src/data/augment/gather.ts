/** Samples of another arrangement of the same pixels. */
import type { Labelled, Labels, RgbImage } from "../../tensor/raster.ts";

/**
 * The sample of `width` x `height` pixels whose pixel i is the pixel `from[i]` of the given one; image,
 * classes and instances alike. -1 stands for black background.
 *
 * @param from  [height * width]
 */
export const gather = (
  { image, labels }: Labelled,
  width: number,
  height: number,
  from: Int32Array,
): Labelled => ({
  image: gatherImage(image, width, height, from),
  labels: gatherLabels(labels, width, height, from),
});

/** The image alone; see `gather`. */
export function gatherImage(
  image: RgbImage,
  width: number,
  height: number,
  from: Int32Array,
): RgbImage {
  const source = image.data;
  const data = new Uint8Array(from.length * 3);
  for (let i = 0, to = 0; i < from.length; i++, to += 3) {
    const at = from[i]! * 3;
    if (at < 0) continue;
    data[to] = source[at]!;
    data[to + 1] = source[at + 1]!;
    data[to + 2] = source[at + 2]!;
  }
  return { width, height, data };
}

/** The labels alone; see `gather`. */
export function gatherLabels(
  { classes, instances }: Labels,
  width: number,
  height: number,
  from: Int32Array,
): Labels {
  return {
    width,
    height,
    classes: pick(classes, from, new Uint8Array(from.length)),
    ...(instances && { instances: pick(instances, from, new Int32Array(from.length)) }),
  };
}

function pick<T extends Uint8Array | Int32Array>(source: T, from: Int32Array, target: T): T {
  for (let i = 0; i < from.length; i++) {
    const at = from[i]!;
    if (at >= 0) target[i] = source[at]!;
  }
  return target;
}

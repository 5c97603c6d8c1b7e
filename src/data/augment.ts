/** Augmentation of an image with its labels: seeded flips and rotations, with Albumentations' semantics. */
import { ArgumentError } from "../tensor/errors.ts";
import type { Random } from "../tensor/random.ts";
import type { Labelled, Labels } from "../tensor/raster.ts";

/** What lies beyond the border: `reflect101` mirrors (`dcb|abcd|cba`), `constant` is 0. */
export type Border = "reflect101" | "constant";

/** Probabilities in 0..1, and the largest angle. */
export interface AugmentOptions {
  /** Probability of a left-right flip, default 0.5. */
  readonly horizontalFlip?: number;
  /** Probability of a top-bottom flip, default 0.5. */
  readonly verticalFlip?: number;
  /** Probability of a rotation, default 0.5. */
  readonly rotate?: number;
  /** The angle is uniform in -limit..limit degrees, default 20. */
  readonly rotateLimitDegrees?: number;
  /** Default `reflect101`, Albumentations' own up to 1.4.24; `constant` is its default from 2.0.0 on. */
  readonly border?: Border;
}

/** Labels of another arrangement of pixels: `from[i]` is the source of position i, -1 for background. */
function gatherLabels(labels: Labels, from: Int32Array): Labels {
  const { width, height, classes, instances } = labels;
  const pick = <T extends Uint8Array | Int32Array>(source: T, target: T): T => {
    for (let i = 0; i < from.length; i++) target[i] = from[i]! < 0 ? 0 : source[from[i]!]!;
    return target;
  };
  return {
    width,
    height,
    classes: pick(classes, new Uint8Array(from.length)),
    ...(instances && { instances: pick(instances, new Int32Array(from.length)) }),
  };
}

/** Moves pixels: `from(x, y)` is the source position of output position (x, y). */
function gather({ image, labels }: Labelled, from: (x: number, y: number) => number): Labelled {
  const { width, height } = labels;
  const pixels = new Uint8Array(image.data.length);
  const sources = new Int32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const at = from(x, y);
      sources[to] = at;
      pixels[to * 3] = image.data[at * 3]!;
      pixels[to * 3 + 1] = image.data[at * 3 + 1]!;
      pixels[to * 3 + 2] = image.data[at * 3 + 2]!;
    }
  }
  return { image: { width, height, data: pixels }, labels: gatherLabels(labels, sources) };
}

/** Left becomes right: out[y, x] = in[y, W - 1 - x]. */
export const flipHorizontal = (sample: Labelled): Labelled =>
  gather(sample, (x, y) => y * sample.labels.width + sample.labels.width - 1 - x);

/** Top becomes bottom: out[y, x] = in[H - 1 - y, x]. */
export const flipVertical = (sample: Labelled): Labelled =>
  gather(sample, (x, y) => (sample.labels.height - 1 - y) * sample.labels.width + x);

/** Index mirrored about the first and the last pixel, neither repeated; -1 for `constant` outside. */
function inside(i: number, size: number, border: Border): number {
  if (i >= 0 && i < size) return i;
  if (border === "constant") return -1;
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const m = ((i % period) + period) % period;
  return m < size ? m : period - m;
}

/**
 * Rotation about ((W - 1) / 2, (H - 1) / 2) at the same size; the image bilinear, the labels nearest.
 *
 * With c, s = cos, sin of the angle and (dx, dy) the offset of an output pixel from the centre, the
 * source lies at (c dx - s dy, s dx + c dy) from the centre (y points down).
 *
 * @param degrees  counter-clockwise as seen
 */
export function rotate(
  { image, labels }: Labelled,
  degrees: number,
  border: Border = "reflect101",
): Labelled {
  const { width, height } = labels;
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const pixels = new Uint8Array(image.data.length);
  const nearest = new Int32Array(width * height);
  const source = image.data;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const sx = cos * (x - centreX) - sin * (y - centreY) + centreX;
      const sy = sin * (x - centreX) + cos * (y - centreY) + centreY;

      const nearX = inside(Math.floor(sx + 0.5), width, border);
      const nearY = inside(Math.floor(sy + 0.5), height, border);
      nearest[to] = nearX < 0 || nearY < 0 ? -1 : nearY * width + nearX;

      const left = Math.floor(sx);
      const top = Math.floor(sy);
      const fx = sx - left;
      const fy = sy - top;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let corner = 0; corner < 4; corner++) {
        const px = inside(left + (corner & 1), width, border);
        const py = inside(top + (corner >> 1), height, border);
        if (px < 0 || py < 0) continue;
        const weight = (corner & 1 ? fx : 1 - fx) * (corner >> 1 ? fy : 1 - fy);
        const at = (py * width + px) * 3;
        red += weight * source[at]!;
        green += weight * source[at + 1]!;
        blue += weight * source[at + 2]!;
      }
      pixels[to * 3] = red + 0.5;
      pixels[to * 3 + 1] = green + 0.5;
      pixels[to * 3 + 2] = blue + 0.5;
    }
  }
  return { image: { width, height, data: pixels }, labels: gatherLabels(labels, nearest) };
}

/**
 * Flips and a rotation, each with its own probability: the paper's "random flips and +-20 degree
 * rotations". Every call takes four numbers from `random`, whatever happens.
 *
 * @throws {ArgumentError} if a probability is not in 0..1 or the limit not in 0..180.
 */
export function augment(sample: Labelled, random: Random, options: AugmentOptions = {}): Labelled {
  const { horizontalFlip = 0.5, verticalFlip = 0.5, rotate: rotation = 0.5 } = options;
  const { rotateLimitDegrees: limit = 20, border = "reflect101" } = options;
  for (const [name, p] of Object.entries({ horizontalFlip, verticalFlip, rotate: rotation })) {
    if (!(p >= 0 && p <= 1)) {
      throw new ArgumentError(`augment: ${name} must be a probability in 0..1, got ${p}`);
    }
  }
  if (!(limit >= 0 && limit <= 180)) {
    throw new ArgumentError(`augment: rotateLimitDegrees must be in 0..180, got ${limit}`);
  }
  const flipX = random.chance(horizontalFlip);
  const flipY = random.chance(verticalFlip);
  const turn = random.chance(rotation);
  const degrees = random.uniform(-limit, limit);
  let result = sample;
  if (flipX) result = flipHorizontal(result);
  if (flipY) result = flipVertical(result);
  return turn ? rotate(result, degrees, border) : result;
}

/** Windows of a sample, and samples made large enough for one. */
import { ArgumentError } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";
import type { Labelled, RgbImage } from "../../tensor/raster.ts";
import { type Border, inside } from "./border.ts";
import { gather, gatherImage } from "./gather.ts";

/**
 * The window of `width` x `height` pixels whose upper left corner is (x, y); it may begin or end outside,
 * where `border` says what is seen.
 *
 * @param x  whole, pixels; may be negative
 * @param y  whole, pixels; may be negative
 * @returns the same object when the window is the whole sample
 * @throws {ArgumentError} if a number is not whole, or width or height below 1.
 */
export function cutWindow(
  sample: Labelled,
  x: number,
  y: number,
  width: number,
  height: number,
  border: Border = "reflect101",
): Labelled {
  checkWindow(x, y, width, height);
  const { width: fullWidth, height: fullHeight } = sample.labels;
  if (x === 0 && y === 0 && width === fullWidth && height === fullHeight) return sample;
  return gather(sample, width, height, windowIndices(sample.labels, x, y, width, height, border));
}

/** The window of an image alone; see `cutWindow`. */
export function cutImage(
  image: RgbImage,
  x: number,
  y: number,
  width: number,
  height: number,
  border: Border = "reflect101",
): RgbImage {
  checkWindow(x, y, width, height);
  return gatherImage(image, width, height, windowIndices(image, x, y, width, height, border));
}

function checkWindow(x: number, y: number, width: number, height: number): void {
  for (const [name, value, low] of [
    ["x", x, -Infinity],
    ["y", y, -Infinity],
    ["width", width, 1],
    ["height", height, 1],
  ] as const) {
    if (Number.isInteger(value) && value >= low) continue;
    const least = low === 1 ? " of at least 1" : "";
    throw new ArgumentError(`cutWindow: ${name} must be a whole number${least}, got ${value}`);
  }
}

/** For every pixel of a window its index in the whole, or -1. */
function windowIndices(
  whole: { readonly width: number; readonly height: number },
  x: number,
  y: number,
  width: number,
  height: number,
  border: Border,
): Int32Array {
  const columns = new Int32Array(width);
  for (let i = 0; i < width; i++) columns[i] = inside(x + i, whole.width, border);
  const from = new Int32Array(width * height);
  for (let j = 0, to = 0; j < height; j++) {
    const row = inside(y + j, whole.height, border);
    for (let i = 0; i < width; i++, to++) {
      from[to] = row < 0 || columns[i]! < 0 ? -1 : row * whole.width + columns[i]!;
    }
  }
  return from;
}

/**
 * The sample with at least `width` x `height` pixels: what is missing is added on both sides, the odd
 * pixel on the right and at the bottom. Sides that are long enough stay.
 *
 * @returns the same object when nothing is missing
 * @see Albumentations 2.0.8, PadIfNeeded(position="center")
 */
export function padTo(
  sample: Labelled,
  width: number,
  height: number,
  border: Border = "reflect101",
): Labelled {
  const { width: fullWidth, height: fullHeight } = sample.labels;
  const left = Math.max(0, Math.floor((width - fullWidth) / 2));
  const top = Math.max(0, Math.floor((height - fullHeight) / 2));
  const [toWidth, toHeight] = [Math.max(width, fullWidth), Math.max(height, fullHeight)];
  // 0 - 0 rather than -0, which is no window's corner in a message.
  return cutWindow(sample, 0 - left, 0 - top, toWidth, toHeight, border);
}

/**
 * A window of `width` x `height` pixels at a place drawn from `random`: all places inside the sample are
 * equally likely. A sample that is too small is padded first. Takes two numbers from `random`.
 *
 * @see Albumentations 2.0.8, RandomCrop(pad_if_needed=True)
 */
export function randomCrop(
  sample: Labelled,
  width: number,
  height: number,
  random: Random,
  border: Border = "reflect101",
): Labelled {
  const padded = padTo(sample, width, height, border);
  const y = random.int(padded.labels.height - height + 1);
  const x = random.int(padded.labels.width - width + 1);
  return cutWindow(padded, x, y, width, height, border);
}

/** Flips, quarter turns and the transpose: the eight symmetries of the square (D4). */
import { ArgumentError } from "../../base/errors.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { gather } from "./gather.ts";

/** Left becomes right: out[y, x] = in[y, W - 1 - x]. */
export function flipHorizontal(sample: Labelled): Labelled {
  const { width, height } = sample.labels;
  const from = new Int32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let at = (y + 1) * width - 1; at >= y * width; at--) from[to++] = at;
  }
  return gather(sample, width, height, from);
}

/** Top becomes bottom: out[y, x] = in[H - 1 - y, x]. */
export function flipVertical(sample: Labelled): Labelled {
  const { width, height } = sample.labels;
  const from = new Int32Array(width * height);
  for (let y = height - 1, to = 0; y >= 0; y--) {
    for (let at = y * width; at < (y + 1) * width; at++) from[to++] = at;
  }
  return gather(sample, width, height, from);
}

/**
 * `turns` quarter turns counter-clockwise, as `numpy.rot90`; no pixel is interpolated. An odd number
 * swaps width and height: out[y, x] = in[x, W - 1 - y] for one turn.
 *
 * @param turns  whole, any sign
 * @returns the same object for a multiple of 4
 * @throws {ArgumentError} if `turns` is not whole.
 */
export function rotate90(sample: Labelled, turns: number): Labelled {
  if (!Number.isInteger(turns)) {
    throw new ArgumentError(`rotate90: turns must be a whole number, got ${turns}`);
  }
  const { width, height } = sample.labels;
  const last = width * height - 1;
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return rearrange(sample, height, width, width - 1, -1, width);
    case 2:
      return rearrange(sample, width, height, last, -width, -1);
    case 3:
      return rearrange(sample, height, width, last - (width - 1), 1, -width);
    default:
      return sample;
  }
}

/** Rows become columns: out[y, x] = in[x, y]. Width and height swap. */
export const transpose = (sample: Labelled): Labelled =>
  rearrange(sample, sample.labels.height, sample.labels.width, 0, 1, sample.labels.width);

/** Output pixel (x, y) is the pixel at index `start` + y `perRow` + x `perColumn`. */
function rearrange(
  sample: Labelled,
  width: number,
  height: number,
  start: number,
  perRow: number,
  perColumn: number,
): Labelled {
  const from = new Int32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = start + y * perRow; x < width; x++, at += perColumn) from[to++] = at;
  }
  return gather(sample, width, height, from);
}

/** What an image looks like in a few numbers, so that images unlike those of a training can be told. */
import type { RgbImage } from "../tensor/raster.ts";

/** Sides of the blocks whose means detail is measured between, pixels. */
const blocks = [1, 4, 16] as const;

/** What the numbers are, in their order. */
export const appearanceParts = [
  ...["mean red", "mean green", "mean blue"],
  ...["deviation red", "deviation green", "deviation blue"],
  ...blocks.map((side) => `detail at ${side}`),
] as const;

/**
 * Nine numbers, each log(1 + v): mean and standard deviation of each channel, 0..255, and the detail of the channels' mean at three
 * scales: the mean size of the difference between neighbours in a row or a column, of pixels, and of the means of blocks of 4 x 4
 * and 16 x 16 pixels. Blur lowers the first, noise raises it; larger objects move detail to the coarser scales. Blocks that
 * the image's right or lower border cuts are left out; where there are no two, the detail is 0.
 *
 * Logarithms, because fluorescence differs by factors near black and stains by little near white.
 */
export function appearanceOf({ width, height, data }: RgbImage): number[] {
  const area = width * height;
  const grey = new Float64Array(area);
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let i = 0, at = 0; i < area; i++) {
    let whole = 0;
    for (let c = 0; c < 3; c++, at++) {
      const value = data[at]!;
      sums[c]! += value;
      squares[c]! += value * value;
      whole += value;
    }
    grey[i] = whole / 3;
  }
  const means = sums.map((sum) => sum / area);
  const deviations = squares.map((square, c) =>
    Math.sqrt(Math.max(0, square / area - means[c]! ** 2)),
  );
  const details = blocks.map((side) => detailOf(grey, width, height, side));
  return [...means, ...deviations, ...details].map(Math.log1p);
}

/** Mean size of the difference between neighbouring blocks. */
function detailOf(grey: Float64Array, width: number, height: number, side: number): number {
  const [columns, rows] = [Math.floor(width / side), Math.floor(height / side)];
  const means = side === 1 ? grey : new Float64Array(columns * rows);
  if (side > 1) {
    for (let y = 0; y < rows * side; y++) {
      const to = Math.floor(y / side) * columns;
      for (let x = 0; x < columns * side; x++)
        means[to + Math.floor(x / side)]! += grey[y * width + x]! / side ** 2;
    }
  }
  let sum = 0;
  for (let i = 0; i < columns * rows; i++) {
    if (i % columns > 0) sum += Math.abs(means[i]! - means[i - 1]!);
    if (i >= columns) sum += Math.abs(means[i]! - means[i - columns]!);
  }
  const pairs = Math.max(0, columns - 1) * rows + Math.max(0, rows - 1) * columns;
  return pairs === 0 ? 0 : sum / pairs;
}

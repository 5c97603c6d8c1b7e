/** Overlapping tiles over an image of any size, and their smooth blending. */
import { ArgumentError } from "../base/errors.ts";

/** Upper left corner of a tile. */
export interface TilePosition {
  readonly x: number;
  readonly y: number;
}

/**
 * Corners of square tiles that cover the image, row by row, as few as `overlap` allows and evenly spread. A side shorter than
 * the tile gets one position, 0, and the tile reaches beyond the image there.
 *
 * @param size     side of a tile, pixels
 * @param overlap  least overlap of neighbours, pixels, from 0 to below `size`
 * @throws {ArgumentError} if the overlap is not below the size.
 */
export function planTiles(
  width: number,
  height: number,
  size: number,
  overlap: number,
): TilePosition[] {
  if (!(overlap >= 0 && overlap < size)) {
    throw new ArgumentError(`tiles: overlap must be from 0 to below ${size}, got ${overlap}`);
  }
  const along = (length: number): number[] => {
    if (length <= size) return [0];
    const count = Math.ceil((length - overlap) / (size - overlap));
    return Array.from({ length: count }, (_, i) => Math.round((i * (length - size)) / (count - 1)));
  };
  return along(height).flatMap((y) => along(width).map((x) => ({ x, y })));
}

/** Tiles added up to a whole, of which only the rows that a row of tiles covers are in memory. */
export interface Blend {
  /**
   * Tiles come row by row, as `planTiles` has them.
   *
   * @param tile  [channels, size, size]; what lies outside the image is left aside
   * @throws {ArgumentError} if the tile has another size, or rows that were taken or are not yet free.
   */
  add(tile: Float32Array, position: TilePosition): void;
  /**
   * The weighted means of the rows from the last ones taken to above `end`, for tiles to come to begin at `end` or below.
   *
   * @returns for each channel [rows, width]
   * @throws {ArgumentError} if no tile has covered a pixel.
   */
  take(end: number): Float32Array[];
}

/**
 * Blends tiles with the weight w(x) w(y), w(i) = sin^2(pi (i + 1/2) / size): largest in a tile's middle, where the network sees
 * most around a pixel, and near 0, but never 0, at its rim, so that no seam shows.
 *
 * The mean is kept up to date, m += (v - m) w / (sum of w), instead of sums to be divided in the end: where all tiles agree, it is
 * their value to the last bit. Memory is that of `size` rows of the maps and of one map of weights.
 */
export function createBlend(width: number, height: number, channels: number, size: number): Blend {
  const held = Math.min(size, height);
  const area = held * width;
  const means = new Float32Array(channels * area);
  const weights = new Float32Array(area);
  const window = Float32Array.from(
    { length: size },
    (_, i) => Math.sin((Math.PI * (i + 0.5)) / size) ** 2,
  );
  /** The first row that is held. */
  let top = 0;
  return {
    add(tile, { x, y }) {
      if (tile.length !== channels * size * size) {
        throw new ArgumentError(
          `tiles: tile must have ${channels} x ${size} x ${size} values, got ${tile.length}`,
        );
      }
      const columns = Math.min(size, width - x);
      const rows = Math.min(size, height - y);
      if (y < top || y + rows > top + held) {
        throw new ArgumentError(
          `tiles: tile must lie in the rows ${top} to ${top + held - 1}, got rows ${y} to ${y + rows - 1}; take the rows above first`,
        );
      }
      for (let row = 0; row < rows; row++) {
        const to = (y - top + row) * width + x;
        for (let column = 0; column < columns; column++) {
          // Rounded as the sums are, so that the share of the first tile is 1.
          const weight = Math.fround(window[row]! * window[column]!);
          weights[to + column]! += weight;
          const share = weight / weights[to + column]!;
          for (let c = 0; c < channels; c++) {
            const at = c * area + to + column;
            means[at]! += (tile[(c * size + row) * size + column]! - means[at]!) * share;
          }
        }
      }
    },
    take(end) {
      const taken = Math.min(end - top, held) * width;
      const bare = weights.subarray(0, taken).indexOf(0);
      if (bare >= 0) {
        throw new ArgumentError(
          `tiles: tiles must cover every pixel, got none at row ${top + Math.floor(bare / width)}, column ${bare % width}`,
        );
      }
      const rows = Array.from({ length: channels }, (_, c) =>
        means.slice(c * area, c * area + taken),
      );
      for (let c = 0; c < channels; c++) moveUp(means.subarray(c * area, (c + 1) * area), taken);
      moveUp(weights, taken);
      top = end;
      return rows;
    },
  };
}

/** The values from `count` on come to the front, zeros follow. */
function moveUp(values: Float32Array, count: number): void {
  values.copyWithin(0, count);
  values.fill(0, values.length - count);
}

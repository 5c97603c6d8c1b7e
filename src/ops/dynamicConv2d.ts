/** Convolution with a kernel of its own for every pixel, as batched matrix products on tiles. */
import type { Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shape.ts";
import { gatherBlocks, type IndexTable } from "./gatherBlocks.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";

/** Side of an output tile. */
const TILE = 8;

/**
 * Y[n, y, x, c] = sum over i, j of K[n, y, x, h(c), i k + j] X[n, y + i - r, x + j - r, c], zeros outside, r = (k - 1) / 2, and
 * h(c) the head of channel c: heads are contiguous groups of channels.
 *
 * Cuts the map into 8 x 8 tiles. The taps of the 64 pixels of a tile are laid out as a banded matrix [64, S S] over the
 * S x S input pixels that the tile sees, S = 8 + 2 r; the tile is then one product with [S S, C / heads]. That is four times the
 * arithmetic of the definition, at the speed of a matrix product. Tiles, bands and their gradients are gathers by fixed tables.
 *
 * @param x        [N, H, W, C], channels last
 * @param kernels  [N, H, W, heads, k k], k odd
 * @returns        [N, H, W, C]
 * @throws {ShapeError} if sizes differ, the heads do not divide C, or k is not odd.
 * @see SGDC paper, equation 3
 */
export function dynamicConv2d(x: Value, kernels: Value): Value {
  const [n = 1, height = 1, width = 1, c = 1] = x.shape;
  const [, , , heads = 1, taps = 1] = kernels.shape;
  const k = Math.sqrt(taps);
  const fits = kernels.shape.slice(0, 3).every((d, i) => d === x.shape[i]);
  if (x.shape.length !== 4 || kernels.shape.length !== 5 || !fits || c % heads || k % 2 !== 1) {
    throw new ShapeError(
      `dynamicConv2d: kernels must be [N, H, W, heads, odd square] for an input [N, H, W, C] with C divisible by heads, got ${showShape(kernels.shape)} and ${showShape(x.shape)}`,
    );
  }
  const tables = tablesFor(height, width, heads, k);
  const perHead = c / heads;
  const seen = (TILE + k - 1) ** 2;
  const tiles = n * tables.tiles * heads;

  const blocks = gatherBlocks(reshape(x, [n, height * width * heads, perHead]), tables.input);
  const perTile = gatherBlocks(reshape(kernels, [n, height * width * heads, taps]), tables.output);
  const band = gatherBlocks(reshape(perTile, [tiles, TILE * TILE * taps, 1]), tables.band);
  const products = matmul(
    reshape(band, [tiles, TILE * TILE, seen]),
    reshape(blocks, [tiles, seen, perHead]),
  );
  const rows = reshape(products, [n, tables.tiles * heads * TILE * TILE, perHead]);
  return reshape(gatherBlocks(rows, tables.back), x.shape);
}

interface Tables {
  /** Number of tiles of the map; those at the end may hang over. */
  readonly tiles: number;
  /** Row (tile, head, seen pixel) -> row (pixel, head) of the input; -1 outside the map. */
  readonly input: IndexTable;
  /** Row (tile, head, tile pixel) -> row (pixel, head); -1 outside the map. */
  readonly output: IndexTable;
  /** Row (pixel, head) -> row (tile, head, tile pixel). */
  readonly back: IndexTable;
  /** Entry (tile pixel, seen pixel) of the band -> (tile pixel, tap); -1 off the band. */
  readonly band: IndexTable;
}

const cache = new Map<string, Tables>();

function tablesFor(height: number, width: number, heads: number, k: number): Tables {
  const key = [height, width, heads, k].join();
  const known = cache.get(key);
  if (known) return known;
  const [down, across] = [Math.ceil(height / TILE), Math.ceil(width / TILE)];
  const side = TILE + k - 1;
  const r = (k - 1) / 2;
  const tiles = down * across;
  /** Rows (tile, head, pixel of a square around the tile) -> rows (pixel, head). */
  const square = (size: number, margin: number): IndexTable => {
    const table = new Int32Array(tiles * heads * size * size).fill(-1);
    let at = 0;
    for (let tile = 0; tile < tiles; tile++) {
      const [top, left] = [
        Math.floor(tile / across) * TILE - margin,
        (tile % across) * TILE - margin,
      ];
      for (let head = 0; head < heads; head++) {
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++, at++) {
            const [y, x] = [top + i, left + j];
            if (y >= 0 && y < height && x >= 0 && x < width)
              table[at] = (y * width + x) * heads + head;
          }
        }
      }
    }
    return table;
  };
  const output = square(TILE, 0);
  const back = new Int32Array(height * width * heads);
  for (const [row, pixel] of output.entries()) if (pixel >= 0) back[pixel] = row;
  const band = new Int32Array(TILE * TILE * side * side).fill(-1);
  for (let p = 0; p < TILE * TILE; p++) {
    const [y, x] = [Math.floor(p / TILE), p % TILE];
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        band[p * side * side + (y + i) * side + (x + j)] = p * k * k + i * k + j;
      }
    }
  }
  const tables = { tiles, input: square(side, r), output, back, band };
  cache.set(key, tables);
  return tables;
}

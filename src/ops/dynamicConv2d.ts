/** Convolution with a kernel of its own for every pixel, as batched matrix products on tiles. */
import { constant, withPath, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { bandMatrix, type TileGeometry } from "./bandMatrix.ts";
import { gatherBlocks, type IndexTable } from "./gatherBlocks.ts";
import { matmul } from "./matmul.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";

/**
 * Y[n, y, x, c] = sum over i, j of K[n, y, x, h(c), i k + j] X[n, y + i - r, x + j - r, c], zeros outside, r = (k - 1) / 2, and
 * h(c) the head of channel c: heads are contiguous groups of channels.
 *
 * Cuts the map into tiles. The taps of the P pixels of a tile are laid out as a banded matrix [P, S] over the S pixels that the
 * tile sees; the tile is then one product with [S, C / heads]. That is a few times the arithmetic of the definition, at the speed
 * of a matrix product. Tiles are cut and put back by gathering rows of C / heads numbers.
 *
 * @param x        [N, H, W, C], channels last
 * @param kernels  [N, H, W, heads, k k], k odd
 * @returns        [N, H, W, C]
 * @throws {ShapeError} if sizes differ, the heads do not divide C, or k is not odd.
 * @see SGDC paper, equation 3; docs/explanation/performance.md for what was compared
 */
export function dynamicConv2d(x: Value, kernels: Value): Value {
  const [, height = 1, width = 1, c = 1] = x.shape;
  const [, , , heads = 1, taps = 1] = kernels.shape;
  const k = Math.sqrt(taps);
  const fits = kernels.shape.slice(0, 3).every((d, i) => d === x.shape[i]);
  if (x.shape.length !== 4 || kernels.shape.length !== 5 || !fits || c % heads || k % 2 !== 1) {
    throw new ShapeError(
      `dynamicConv2d: kernels must be [N, H, W, heads, odd square] for an input [N, H, W, C] with C divisible by heads, got ${showShape(kernels.shape)} and ${showShape(x.shape)}`,
    );
  }
  // In profiles the operator stands by itself, inside the block that made the kernels.
  const block = kernels.source.kind === "node" ? kernels.source.node.path : "";
  return withPath(block ? `${block}.dynamic` : "dynamic", () =>
    onTiles(x, kernels, planFor(height, width, heads, k)),
  );
}

function onTiles(x: Value, kernels: Value, plan: Plan): Value {
  const [n = 1, height = 1, width = 1, c = 1] = x.shape;
  const [, , , heads = 1, taps = 1] = kernels.shape;
  const { rows, columns, seenRows, seenColumns } = plan.geometry;
  const perHead = c / heads;
  const tiles = n * plan.tiles * heads;

  // Taps that reach outside the map become 0, so whatever lies there does not matter.
  const inside = mul(kernels, constant(plan.mask));
  const perTile = gatherBlocks(reshape(inside, [n, height * width * heads, taps]), plan.output);
  const band = bandMatrix(reshape(perTile, [tiles, rows * columns, taps]), plan.geometry);

  const blocks = gatherBlocks(reshape(x, [n, height * width * heads, perHead]), plan.input, {
    outside: "anything",
  });
  const products = matmul(band, reshape(blocks, [tiles, seenRows * seenColumns, perHead]));
  const back = gatherBlocks(reshape(products, [n, plan.output.length, perHead]), plan.back);
  return reshape(back, x.shape);
}

interface Plan {
  readonly geometry: TileGeometry;
  /** Number of tiles of a map. */
  readonly tiles: number;
  /** Row (tile, head, seen pixel) -> row (pixel, head) of the input; -1 outside the map. */
  readonly input: IndexTable;
  /** Row (tile, head, tile pixel) -> row (pixel, head). */
  readonly output: IndexTable;
  /** Row (pixel, head) -> row (tile, head, tile pixel). */
  readonly back: IndexTable;
  /** [H, W, 1, k k]: 0 for taps that reach outside the map, else 1. */
  readonly mask: Tensor;
}

const plans = new Map<string, Plan>();

function planFor(height: number, width: number, heads: number, k: number): Plan {
  const key = [height, width, heads, k].join();
  const known = plans.get(key);
  if (known) return known;
  const geometry = tileFor(height, width, k);
  const { rows, columns, seenRows, seenColumns } = geometry;
  const [down, across] = [height / rows, width / columns];
  const r = (k - 1) / 2;

  /** Rows (tile, head, pixel of a window on the tile) -> rows (pixel, head). */
  const windows = (h: number, w: number): IndexTable => {
    const [top, left] = [h > rows ? r : 0, w > columns ? r : 0];
    const table = new Int32Array(down * across * heads * h * w).fill(-1);
    let at = 0;
    for (let tile = 0; tile < down * across; tile++) {
      const y0 = Math.floor(tile / across) * rows - top;
      const x0 = (tile % across) * columns - left;
      for (let head = 0; head < heads; head++) {
        for (let y = y0; y < y0 + h; y++) {
          for (let x = x0; x < x0 + w; x++, at++) {
            const inside = y >= 0 && y < height && x >= 0 && x < width;
            if (inside) table[at] = (y * width + x) * heads + head;
          }
        }
      }
    }
    return table;
  };
  const output = windows(rows, columns);
  const back = new Int32Array(output.length);
  for (const [row, pixel] of output.entries()) back[pixel] = row;
  const input = windows(seenRows, seenColumns);
  const mask = insideMask(height, width, k);
  const plan = { geometry, tiles: down * across, input, output, back, mask };
  plans.set(key, plan);
  return plan;
}

/**
 * Small maps are one tile; narrow ones are cut into strips of whole rows, which need no margin at their sides; others into tiles of
 * 4 x 8, or what divides the map. Measured: docs/explanation/performance.md.
 */
function tileFor(height: number, width: number, k: number): TileGeometry {
  const divisor = (size: number, most: number): number => {
    let d = Math.min(size, most);
    while (size % d) d--;
    return d;
  };
  const small = height <= 8 && width <= 8;
  const rows = small ? height : divisor(height, 4);
  const columns = width <= 16 ? width : divisor(width, 8);
  // A side that the tile spans needs no margin, if a kernel fits in.
  const seen = (tile: number, map: number): number =>
    tile === map && map >= k ? map : tile + k - 1;
  return { rows, columns, seenRows: seen(rows, height), seenColumns: seen(columns, width), k };
}

function insideMask(height: number, width: number, k: number): Tensor {
  const r = (k - 1) / 2;
  const values = new Float32Array(height * width * k * k);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = y - r; i <= y + r; i++) {
        for (let j = x - r; j <= x + r; j++, at++) {
          if (i >= 0 && i < height && j >= 0 && j < width) values[at] = 1;
        }
      }
    }
  }
  return tensor([height, width, 1, k * k], values);
}

/** Convolution with a kernel of its own for every pixel, over windows that never leave the map. */
import type { Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../tensor/shape.ts";
import { concat } from "./concat.ts";
import { gatherBlocks, type IndexTable } from "./gatherBlocks.ts";
import { matmul } from "./matmul.ts";
import { padZeros } from "./padZeros.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";

/**
 * Y[n, g, y, x, c] = sum over i, j of K[n, g, y, x, i k + j] X[n, g, t(y, H) + i, t(x, W) + j, c], where
 * t(y, H) = min(max(y - (k - 1) / 2, 0), H - k) is the first row of the window: it is shifted at the border, so that it stays inside.
 *
 * One output row is one matrix product: its kernels, laid out on a band of [W, k W], times the k rows of the map that it sees.
 *
 * @param x        [N, G, H, W, C], H and W at least k
 * @param kernels  [N, G, H, W, k k], k odd
 * @returns        [N, G, H, W, C]
 * @throws {ShapeError} if sizes differ, k is not odd, or the map is smaller than the kernel.
 * @see neighbourhood attention, Hassani et al. 2023; ContMix in OverLoCK, Lou and Yu 2025
 */
export function clampedDynamicConv2d(x: Value, kernels: Value): Value {
  const [n = 1, groups = 1, height = 1, width = 1, c = 1] = x.shape;
  const k = Math.sqrt(kernels.shape[4] ?? 0);
  const fits = kernels.shape.slice(0, 4).every((d, i) => d === x.shape[i]);
  if (x.shape.length !== 5 || kernels.shape.length !== 5 || !fits || k % 2 !== 1) {
    throw new ShapeError(
      `clampedDynamicConv2d: kernels must be [N, G, H, W, odd square] for an input [N, G, H, W, C], got ${showShape(kernels.shape)} and ${showShape(x.shape)}`,
    );
  }
  if (height < k || width < k) {
    throw new ShapeError(
      `clampedDynamicConv2d: the map must be at least ${k} x ${k}, got ${height} x ${width}`,
    );
  }
  const rows = gatherBlocks(reshape(x, [n * groups, height, width * c]), windowRows(height, k));
  const seen = reshape(rows, [n * groups * height, k * width, c]);
  const band = bandOf(reshape(kernels, [n * groups * height, width, k, k]), width, k);
  return reshape(matmul(band, seen), x.shape);
}

/** Taps [B, W, k, k] -> [B, W, k W]: row x holds its taps at the columns that its window covers, zeros elsewhere. */
function bandOf(taps: Value, width: number, k: number): Value {
  const b = taps.shape[0]!;
  const r = (k - 1) / 2;
  const inner = width - 2 * r;
  // [B, i, x, j]
  const byRow = transpose(taps, [0, 2, 1, 3]);
  // Pixels away from the border: each row of taps lies one place further on than the one before it.
  const padded = padZeros(slice(byRow, 2, r, r + inner), 3, 0, width + 1 - k);
  const flat = reshape(padded, [b, k, inner * (width + 1)]);
  const middle = reshape(slice(flat, 2, 0, inner * width), [b, k, inner, width]);
  if (r === 0) return reshape(middle, [b, width, width]);
  // Pixels at the border share the outermost window.
  const left = padZeros(slice(byRow, 2, 0, r), 3, 0, width - k);
  const right = padZeros(slice(byRow, 2, r + inner, width), 3, width - k, 0);
  const all = concat([left, middle, right], 2);
  return reshape(transpose(all, [0, 2, 1, 3]), [b, width, k * width]);
}

const tables = new Map<string, IndexTable>();

/** Row (y, i) -> row of the map: the i-th one that the window of y covers. */
function windowRows(height: number, k: number): IndexTable {
  const key = `${height} ${k}`;
  const known = tables.get(key);
  if (known) return known;
  const r = (k - 1) / 2;
  const table = new Int32Array(height * k);
  for (let y = 0; y < height; y++) {
    const first = Math.min(Math.max(y - r, 0), height - k);
    for (let i = 0; i < k; i++) table[y * k + i] = first + i;
  }
  tables.set(key, table);
  return table;
}

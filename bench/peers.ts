/** Other ways to compute a dynamic convolution, built from the same public operators, to compare `dynamicConv2d` with. */
import type { Value } from "../src/graph/value.ts";
import { add } from "../src/ops/add.ts";
import { dynamicConv2d } from "../src/ops/dynamicConv2d.ts";
import { matmul } from "../src/ops/matmul.ts";
import { mul } from "../src/ops/mul.ts";
import { padZeros } from "../src/ops/padZeros.ts";
import { reshape } from "../src/ops/reshape.ts";
import { slice } from "../src/ops/slice.ts";

/** A way to compute it, in the layout that suits it: nobody pays for bringing the operands there. */
export interface Peer {
  readonly name: string;
  /**
   * Order of the axes of both operands, starting from [N, H, W, heads, C / heads] and [N, H, W, heads, k k]. The result has the
   * order of the first.
   */
  readonly order: readonly number[];
  forward(x: Value, kernels: Value): Value;
}

/** This project's operator. */
export const tiled: Peer = {
  name: "dynamicConv2d",
  order: [0, 1, 2, 3, 4],
  forward(x, kernels) {
    const [n = 1, height = 1, width = 1, heads = 1, perHead = 1] = x.shape;
    return reshape(
      dynamicConv2d(reshape(x, [n, height, width, heads * perHead]), kernels),
      x.shape,
    );
  },
};

/**
 * The definition as written: for each of the k k taps, the input shifted, times the tap of every pixel, added up.
 *
 * x [N, heads, C / heads, H, W], kernels [N, heads, k k, H, W].
 */
export const shiftMultiplyAdd: Peer = {
  name: "k k shift-multiply-adds",
  order: [0, 3, 4, 1, 2],
  forward(x, kernels) {
    const [, , , height = 1, width = 1] = x.shape;
    const k = sideOf(kernels.shape[2]!);
    const padded = surround(x, 3, (k - 1) / 2);
    let y: Value | null = null;
    for (let i = 0; i < k; i++) {
      const rows = slice(padded, 3, i, i + height);
      for (let j = 0; j < k; j++) {
        const tap = slice(kernels, 2, i * k + j, i * k + j + 1);
        const term = mul(slice(rows, 4, j, j + width), tap);
        y = y ? add(y, term) : term;
      }
    }
    return y!;
  },
};

/**
 * For each row of the map, a sum over the k rows it sees of matrix products B [W, W + k - 1] X [W + k - 1, C / heads], where B has
 * the k taps of each pixel on a band: taps padded to W + k places a row, flattened and read W + k - 1 places a row, slide one
 * further to the right each row.
 *
 * x [N, heads, H, W, C / heads], kernels [N, heads, H, W, k k].
 */
export const bandedRows: Peer = {
  name: "row-banded matrix products",
  order: [0, 3, 1, 2, 4],
  forward(x, kernels) {
    const [n = 1, heads = 1, height = 1, width = 1] = x.shape;
    const k = sideOf(kernels.shape[4]!);
    const seen = width + k - 1;
    const padded = surround(x, 2, (k - 1) / 2);
    let y: Value | null = null;
    for (let i = 0; i < k; i++) {
      const taps = padZeros(slice(kernels, 4, i * k, (i + 1) * k), 4, 0, width);
      const flat = reshape(taps, [n * heads * height, width * (width + k)]);
      const band = reshape(slice(flat, 1, 0, width * seen), [n, heads, height, width, seen]);
      const term = matmul(band, slice(padded, 2, i, i + height));
      y = y ? add(y, term) : term;
    }
    return y!;
  },
};

const sideOf = (taps: number): number => Math.round(Math.sqrt(taps));

/** `margin` zeros on all four sides of the map whose rows are along `axis` and columns along the next one. */
const surround = (x: Value, axis: number, margin: number): Value =>
  padZeros(padZeros(x, axis, margin, margin), axis + 1, margin, margin);

/** Visual state space blocks: a selective scan over the pixels in four orders. */
import type { Value } from "../../graph/value.ts";
import { conv2d, depthwiseConv3x3 } from "../../nn/conv.ts";
import { dense } from "../../nn/dense.ts";
import { normal, ones, torchDefault, zeros } from "../../nn/init.ts";
import { dropPath } from "../../nn/layers.ts";
import { layerNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { exp } from "../../ops/exp.ts";
import { flip } from "../../ops/flip.ts";
import { linear } from "../../ops/linear.ts";
import { mul } from "../../ops/mul.ts";
import { neg } from "../../ops/neg.ts";
import { reshape } from "../../ops/reshape.ts";
import { selectiveScan } from "../../ops/selectiveScan.ts";
import { silu } from "../../ops/silu.ts";
import { slice, split } from "../../ops/slice.ts";
import { softplus } from "../../ops/softplus.ts";
import { sum } from "../../ops/sum.ts";
import { sumOf } from "../../ops/sumOf.ts";
import { transpose } from "../../ops/transpose.ts";

/** States of each channel. */
const STATES = 16;

/** Row by row, column by column, and both from the end. */
const DIRECTIONS = 4;

const linearInit = { weightInit: normal(0.02), biasInit: zeros };

/**
 * Tokens of squares of 4 x 4 pixels: LN(Conv4 with stride 4).
 *
 * @param x  [N, 3, H, W]
 * @returns  [N, H / 4, W / 4, channels]
 */
export const patchEmbedding = block((p: Scope, x: Value, channels: number): Value => {
  const map = conv2d(p.at("proj"), x, channels, { kernel: 4, stride: 4 });
  return layerNorm(p.at("norm"), transpose(map, [0, 2, 3, 1]), { eps: 1e-5 });
});

/**
 * Half the size, twice the channels: Linear(LN of the four pixels of each square, those of the left column first).
 *
 * @param x  [N, H, W, C]; H and W even
 * @returns  [N, H / 2, W / 2, 2 C]
 */
export const patchMerging = block((p: Scope, x: Value): Value => {
  const [n = 1, height = 1, width = 1, c = 1] = x.shape;
  const squares = reshape(x, [n, height / 2, 2, width / 2, 2, c]);
  const joined = reshape(transpose(squares, [0, 1, 3, 4, 2, 5]), [n, height / 2, width / 2, 4 * c]);
  p.order("reduction", "norm");
  const normalised = layerNorm(p.at("norm"), joined, { eps: 1e-5 });
  return dense(p.at("reduction"), normalised, 2 * c, { ...linearInit, bias: false });
});

/**
 * Y = X + drop path(SS2D(LN X)).
 *
 * @param x  [N, H, W, C]
 * @returns  [N, H, W, C]
 */
export const stateSpaceBlock = block(
  (p: Scope, x: Value, { dropPathRate = 0 }: { readonly dropPathRate?: number } = {}): Value => {
    const normalised = layerNorm(p.at("ln_1"), x, { eps: 1e-5 });
    const mixed = scannedMap(p.at("self_attention"), normalised);
    return add(x, dropPath(p.at("drop_path"), mixed, dropPathRate));
  },
);

/**
 * SS2D: (LN of the sum of selective scans in four directions) s(Z), with channels doubled inside.
 *
 * @param x  [N, H, W, C]
 * @returns  [N, H, W, C]
 * @see Liu et al. 2024, VMamba; Ruan and Xiang 2024, VM-UNet
 */
const scannedMap = block((p: Scope, x: Value): Value => {
  const c = x.shape[3]!;
  const inner = 2 * c;
  const rank = Math.ceil(c / 16);
  const [n = 1, height = 1, width = 1] = x.shape;
  const length = height * width;
  const xProjection = p.parameter(
    "x_proj_weight",
    [DIRECTIONS, rank + 2 * STATES, inner],
    torchDefault(inner),
  );
  const stepWeight = p.parameter("dt_projs_weight", [DIRECTIONS, inner, rank], torchDefault(rank));
  const stepBias = p.parameter("dt_projs_bias", [DIRECTIONS, inner], {
    kind: "step",
    least: 1e-3,
    most: 0.1,
  });
  const rates = p.parameter("A_logs", [DIRECTIONS * inner, STATES], {
    kind: "values",
    values: Array.from({ length: STATES }, (_, i) => Math.log(i + 1)),
  });
  const skip = p.parameter("Ds", [DIRECTIONS * inner], ones);

  // Pixels, one after another: [H W, N, inner].
  const both = dense(p.at("in_proj"), x, 2 * inner, { ...linearInit, bias: false });
  const [features, gate] = split(both, 3, [inner, inner]) as [Value, Value];
  const map = silu(depthwiseConv3x3(p.at("conv2d"), transpose(features, [0, 3, 1, 2])));
  const pixels = reshape(transpose(map, [2, 3, 0, 1]), [length * n, inner]);

  // Of every pixel, for all directions: what the step is made of, B and C.
  const all = linear(pixels, reshape(xProjection, [DIRECTIONS * (rank + 2 * STATES), inner]), null);
  const perDirection = split(all, 1, Array<number>(DIRECTIONS).fill(rank + 2 * STATES));
  const directions = perDirection.map((projected, k) => {
    const [low, b, c2] = split(projected, 1, [rank, STATES, STATES]) as [Value, Value, Value];
    const weight = reshape(slice(stepWeight, 0, k, k + 1), [inner, rank]);
    const bias = reshape(slice(stepBias, 0, k, k + 1), [inner]);
    const ordered = (v: Value): Value => inOrder(v, k, [height, width, n]);
    return [linear(low, weight, bias), pixels, b, c2].map(ordered);
  });
  const [step, u, b, c2] = [0, 1, 2, 3].map((i) =>
    concat(
      directions.map((parts) => parts[i]!),
      1,
    ),
  ) as [Value, Value, Value, Value];
  const delta = softplus(step);
  const a = neg(exp(transpose(reshape(rates, [DIRECTIONS, inner, STATES]), [0, 2, 1])));
  const scanned = selectiveScan(delta, mul(delta, u), a, b, c2);

  // Back to their places, and together.
  const returned = split(scanned, 1, Array<number>(DIRECTIONS).fill(1)).map((v, k) =>
    fromOrder(v, k, [height, width, n]),
  );
  const passed = mul(pixels, sum(reshape(skip, [DIRECTIONS, inner]), [0]));
  const total = reshape(add(sumOf(returned), passed), [height, width, n, inner]);
  const normalised = layerNorm(p.at("out_norm"), transpose(total, [2, 0, 1, 3]), { eps: 1e-5 });
  const gated = mul(normalised, silu(gate));
  return dense(p.at("out_proj"), gated, c, { ...linearInit, bias: false });
});

/** [height, width, images] */
type Extent = readonly [number, number, number];

/** Rows of pixels [H W N, c] in the order of direction `k`: [H W, 1, N, c]. */
function inOrder(x: Value, k: number, [height, width, n]: Extent): Value {
  const c = x.shape[1]!;
  const byColumns = k % 2 === 1;
  const grid = byColumns ? transpose(reshape(x, [height, width, n * c]), [1, 0, 2]) : x;
  const ordered = reshape(grid, [height * width, 1, n, c]);
  return k < 2 ? ordered : flip(ordered, 0);
}

/** The way back: [H W, 1, N, c] -> [H W N, c]. */
function fromOrder(x: Value, k: number, [height, width, n]: Extent): Value {
  const c = x.shape[3]!;
  const ordered = k < 2 ? x : flip(x, 0);
  const byColumns = k % 2 === 1;
  const grid = byColumns ? transpose(reshape(ordered, [width, height, n * c]), [1, 0, 2]) : ordered;
  return reshape(grid, [height * width * n, c]);
}

/** Pyramid vision transformer, version 2: attention over maps that are shrunk for keys and values. */
import type { Value } from "../../graph/value.ts";
import { conv2d } from "../../nn/conv.ts";
import { dense } from "../../nn/dense.ts";
import { normal, zeros } from "../../nn/init.ts";
import { dropPath } from "../../nn/layers.ts";
import { layerNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { gelu } from "../../ops/gelu.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { slice } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { transpose } from "../../ops/transpose.ts";
import type { Pyramid } from "./detailInfusion.ts";

/** Four numbers, one a stage, finest first. */
export type PerStage = readonly [number, number, number, number];

export interface PvtV2Options {
  /** Channels; each a multiple of the stage's heads. Default [64, 128, 320, 512]. */
  readonly widths?: PerStage;
  /** Blocks. Default [3, 4, 6, 3]. */
  readonly depths?: PerStage;
  /** Heads of the attention. Default [1, 2, 5, 8]. */
  readonly heads?: PerStage;
  /** Channels inside the feed-forward part, as a multiple. Default [8, 8, 4, 4]. */
  readonly mlpRatios?: PerStage;
  /** The last block's share of images left out while training; earlier blocks have less, from 0 on. Default 0.1. */
  readonly dropPathRate?: number;
}

/** Keys and values come from a map smaller by this, so that they are as many at every stage. */
const REDUCTIONS: PerStage = [8, 4, 2, 1];

const linearInit = { weightInit: normal(0.02), biasInit: zeros };
const convInit = { init: "kaiming", biasInit: zeros } as const;

/**
 * Features at 1/4, 1/8, 1/16 and 1/32 of the image.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32
 * @see Wang et al. 2022, PVT v2; the defaults are PVTv2-B2
 */
export const pvtV2 = block((p: Scope, x: Value, options: PvtV2Options = {}): Pyramid => {
  const { widths = [64, 128, 320, 512], depths = [3, 4, 6, 3], dropPathRate = 0.1 } = options;
  const { heads = [1, 2, 5, 8], mlpRatios = [8, 8, 4, 4] } = options;
  p.order(
    ...[1, 2, 3, 4].map((i) => `patch_embed${i}`),
    ...[1, 2, 3, 4].flatMap((i) => [`block${i}`, `norm${i}`]),
  );
  const last = depths.reduce((a, b) => a + b) - 1;
  let count = 0;
  let map = x;
  const stage = (i: 0 | 1 | 2 | 3): Value => {
    const window = i === 0 ? { kernel: 7, stride: 4 } : { kernel: 3, stride: 2 };
    const made = overlapPatchEmbedding(p.at(`patch_embed${i + 1}`), map, widths[i], window);
    let { tokens } = made;
    for (let j = 0; j < depths[i]; j++) {
      tokens = pvtBlock(p.at(`block${i + 1}.${j}`), tokens, made.size, {
        heads: heads[i],
        mlpRatio: mlpRatios[i],
        reduction: REDUCTIONS[i],
        dropPathRate: last === 0 ? 0 : (dropPathRate * count++) / last,
      });
    }
    map = toMap(layerNorm(p.at(`norm${i + 1}`), tokens, { eps: 1e-6 }), made.size);
    return map;
  };
  return [stage(0), stage(1), stage(2), stage(3)];
});

/** Height and width of the map that tokens come from. */
type Size = readonly [height: number, width: number];

/** [N, H W, C] -> [N, C, H, W] */
const toMap = (tokens: Value, [height, width]: Size): Value => {
  const [n = 1, , c = 1] = tokens.shape;
  return transpose(reshape(tokens, [n, height, width, c]), [0, 3, 1, 2]);
};

/** [N, C, H, W] -> [N, H W, C] */
const toTokens = (map: Value): Value => {
  const [n = 1, c = 1, height = 1, width = 1] = map.shape;
  return reshape(transpose(map, [0, 2, 3, 1]), [n, height * width, c]);
};

/** Tokens LN(Conv X), windows overlapping. @returns tokens [N, h w, channels] and [h, w] */
export const overlapPatchEmbedding = block(
  (
    p: Scope,
    x: Value,
    channels: number,
    { kernel, stride }: { readonly kernel: number; readonly stride: number },
  ): { readonly tokens: Value; readonly size: Size } => {
    const padding = Math.floor(kernel / 2);
    const map = conv2d(p.at("proj"), x, channels, { kernel, stride, padding, ...convInit });
    const tokens = layerNorm(p.at("norm"), toTokens(map), { eps: 1e-5 });
    return { tokens, size: [map.shape[2]!, map.shape[3]!] };
  },
);

export interface PvtBlockOptions {
  readonly heads: number;
  readonly mlpRatio: number;
  /** Side of the squares of pixels that one key and value come from. */
  readonly reduction: number;
  readonly dropPathRate: number;
}

/**
 * Y = X + attention(LN X); Y + MLP(LN Y), where the MLP has a depthwise convolution.
 *
 * @param x     [N, H W, C]
 * @param size  [H, W]
 * @returns     [N, H W, C]
 */
export const pvtBlock = block((p: Scope, x: Value, size: Size, options: PvtBlockOptions): Value => {
  const { mlpRatio, dropPathRate } = options;
  const path = (name: string, v: Value): Value => dropPath(p.at(name), v, dropPathRate);
  const mixed = attention(p.at("attn"), layerNorm(p.at("norm1"), x, { eps: 1e-6 }), size, options);
  const y = add(x, path("drop_path1", mixed));
  const inner = mlp(p.at("mlp"), layerNorm(p.at("norm2"), y, { eps: 1e-6 }), size, mlpRatio);
  return add(y, path("drop_path2", inner));
});

/** Attention of every token to the tokens of a map that is `reduction` times smaller. */
const attention = block(
  (p: Scope, x: Value, size: Size, { heads, reduction }: PvtBlockOptions): Value => {
    const [n = 1, count = 1, c = 1] = x.shape;
    p.order("q", "kv", "proj", "sr", "norm");
    let source = x;
    if (reduction > 1) {
      const window = { kernel: reduction, stride: reduction };
      const small = conv2d(p.at("sr"), toMap(x, size), c, { ...window, ...convInit });
      source = layerNorm(p.at("norm"), toTokens(small), { eps: 1e-5 });
    }
    const each = c / heads;
    const query = reshape(dense(p.at("q"), x, c, linearInit), [n, count, heads, each]);
    const both = dense(p.at("kv"), source, 2 * c, linearInit);
    const keysValues = reshape(both, [n, source.shape[1]!, 2, heads, each]);
    const pick = (i: number, order: readonly number[]): Value =>
      transpose(reshape(slice(keysValues, 2, i, i + 1), [n, source.shape[1]!, heads, each]), order);
    const scaled = mul(transpose(query, [0, 2, 1, 3]), scalar(1 / Math.sqrt(each)));
    const weights = softmax(matmul(scaled, pick(0, [0, 2, 3, 1])));
    const mixed = transpose(matmul(weights, pick(1, [0, 2, 1, 3])), [0, 2, 1, 3]);
    return dense(p.at("proj"), reshape(mixed, [n, count, c]), c, linearInit);
  },
);

/** Linear, depthwise 3 x 3, GELU, Linear. */
const mlp = block((p: Scope, x: Value, size: Size, ratio: number): Value => {
  const c = x.shape[2]!;
  const hidden = toMap(dense(p.at("fc1"), x, c * ratio, linearInit), size);
  const options = { kernel: 3, padding: 1, groups: c * ratio, ...convInit };
  const local = conv2d(p.at("dwconv.dwconv"), hidden, c * ratio, options);
  return dense(p.at("fc2"), toTokens(gelu(local)), c, linearInit);
});

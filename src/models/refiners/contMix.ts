/** ContMix of OverLoCK: kernels for every pixel, from its affinity to a 7 x 7 summary of the whole map. */
import type { Value } from "../../graph/value.ts";
import { ArgumentError } from "../../base/errors.ts";
import { conv2d, conv3x3, type ConvOptions } from "../../nn/conv.ts";
import { zeros, type Initializer } from "../../nn/init.ts";
import { batchNorm2d, layerNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { adaptiveAvgPool2d } from "../../ops/adaptiveAvgPool2d.ts";
import { add } from "../../ops/add.ts";
import { clampedDynamicConv2d } from "../../ops/clampedDynamicConv2d.ts";
import { concat } from "../../ops/concat.ts";
import { div } from "../../ops/div.ts";
import { gelu } from "../../ops/gelu.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { scalar } from "../../ops/scalar.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { sqrt } from "../../ops/sqrt.ts";
import { mean, sum } from "../../ops/sum.ts";
import { transpose } from "../../ops/transpose.ts";
import { constant } from "../../graph/value.ts";
import { tensor } from "../../tensor/tensor.ts";

export interface ContMixOptions {
  /** Side of the large kernel, 5 or 7. Default 7. */
  readonly kernelSize?: number;
  /** Side of the small kernel, odd. Default 5. */
  readonly smallKernelSize?: number;
  /** Half the number of groups; each group has a small and a large kernel. Default 2. */
  readonly heads?: number;
  /** Hidden channels of the feed-forward part, as a multiple of C. Default 4. */
  readonly mlpRatio?: number;
  /** Initial LayerScale; none if left out. */
  readonly layerScaleStart?: number;
  /** Scale what is skipped instead of what is added. Default false. */
  readonly residualScale?: boolean;
}

/** What the two published forms share. */
type Settings = Required<Omit<ContMixOptions, "layerScaleStart">> &
  Pick<ContMixOptions, "layerScaleStart">;

const settingsOf = (options: ContMixOptions): Settings => ({
  kernelSize: 7,
  smallKernelSize: 5,
  heads: 2,
  mlpRatio: 4,
  residualScale: false,
  ...options,
});

/** Side of the summary that queries are compared with. */
const CENTRES = 7;

/**
 * The self-guided plug-in block: query, key and value from x.
 *
 * @param x  [N, C, H, W]; C divisible by 4 heads
 * @returns  [N, C, H, W]
 * @throws {ArgumentError} if the channels do not fit the heads, or for other kernel sizes.
 * @see Lou and Yu 2025; names as in LMMMEng/OverLoCK, models/contmix.py
 */
export const contMix = block((p: Scope, x: Value, options: ContMixOptions = {}): Value => {
  const settings = settingsOf(options);
  const c = x.shape[1]!;
  const skip = add(x, depthwise(p.at("dwconv1"), x, 3));
  const n = layerNorm2d(p.at("norm1"), skip);
  const value = convBn(p.at("weight_value"), n, c);
  const mixed = dynamicMixing(p, n, n, value, settings);
  const fused = convBn(p.at("fusion_proj"), mixed, c);
  return feedForward(p, gated(p, n, fused, c, settings), skip, c, settings);
});

/**
 * The block of the backbone, whose keys come from a context map that travels along.
 *
 * @param x        [N, C, H, W]; C divisible by 4 heads
 * @param context  h_x, [N, X, H, W]
 * @param rest     h_r, [N, X, H, W], mixed into the context; none for the first block
 * @returns        [N, C + X, H, W]: x first, then the context
 * @see Lou and Yu 2025; names as in LMMMEng/OverLoCK, models/overlock.py (DynamicConvBlock)
 */
export const contMixContext = block(
  (p: Scope, x: Value, context: Value, rest: Value | null, options: ContMixOptions = {}): Value => {
    const settings = settingsOf(options);
    const [c, extra] = [x.shape[1]!, context.shape[1]!];
    const h = rest
      ? add(scaleAndShift(p.at("x_scale"), context, 1), scaleAndShift(p.at("h_scale"), rest, 1))
      : context;
    const joined = concat([x, h], 1);
    const skip = add(joined, depthwise(p.at("dwconv1"), joined, 3));
    const f = layerNorm2d(p.at("norm1"), skip);

    // Values from features and context together; queries from the features, keys from the context.
    const spread = depthwise(p.at("fusion.0"), f, 3);
    const activated = gelu(batchNorm2d(p.at("fusion.1"), spread));
    const v = responseNorm(p.at("fusion.4"), conv2d(p.at("fusion.3"), activated, c));
    const [query, key] = split(f, 1, [c, extra]) as [Value, Value];
    const mixed = dynamicMixing(p, query, key, v, settings);
    const fused = convBn(p.at("dyconv_proj"), mixed, c);
    return feedForward(p, gated(p, v, fused, c + extra, settings), skip, c, settings);
  },
);

/**
 * Kernels from the affinity of each pixel's query to 49 pooled keys; half of the channels are mixed with small kernels, half with
 * large ones, over windows that never leave the map.
 *
 * @param value  [N, C, H, W]
 */
function dynamicMixing(p: Scope, query: Value, key: Value, value: Value, s: Settings): Value {
  const { kernelSize: large, smallKernelSize: small } = s;
  const [n = 1, c = 1, fullHeight = 1, fullWidth = 1] = value.shape;
  const groups = 2 * s.heads;
  if (c % (2 * groups) !== 0) {
    throw new ArgumentError(
      `contMix at ${p.path}: channels must be a multiple of ${2 * groups} (4 heads), got ${c}`,
    );
  }
  // Maps smaller than the large kernel are enlarged for the mixing, and brought back afterwards.
  const [height, width] = workingSize(fullHeight, fullWidth, large);
  const at = (v: Value): Value => resizeBilinear(v, [height, width]);
  const [q0, k0, v0] = [at(query), at(key), at(value)];
  const pixels = height * width;
  const per = c / (2 * groups);

  // Affinity, [N, G, pixels, 49].
  const scale = 1 / Math.sqrt(c / groups);
  const q = mul(convBn(p.at("weight_query"), q0, c / 2), scalar(scale));
  const pooled = adaptiveAvgPool2d(k0, [CENTRES, CENTRES]);
  const keys = batchNorm2d(
    p.at("weight_key.2"),
    conv2d(p.at("weight_key.1"), pooled, c / 2, { bias: false }),
  );
  const rows = transpose(reshape(q, [n, groups, per, pixels]), [0, 1, 3, 2]);
  const affinity = matmul(rows, reshape(keys, [n, groups, per, CENTRES ** 2]));

  // One affine map from affinities to the taps of both kernels, then a bias by relative position.
  const taps = [small ** 2, large ** 2] as const;
  const made = pointwiseRows(p.at("weight_proj"), affinity, taps[0] + taps[1]);
  const [smallLogits, largeLogits] = split(made, 3, taps) as [Value, Value];
  const kernelsOf = (logits: Value, name: string, k: number): Value => {
    const shaped = reshape(logits, [n, groups, height, width, k * k]);
    const bias = p.parameter(name, [groups, 2 * k - 1, 2 * k - 1], POSITION_BIAS);
    return softmax(add(shaped, positionBias(bias, height, width, k)));
  };
  const [firstHalf, secondHalf] = split(v0, 1, [c / 2, c / 2]) as [Value, Value];
  const mix = (half: Value, kernels: Value): Value => {
    const maps = reshape(half, [n, groups, per, height, width]);
    const mixed = clampedDynamicConv2d(transpose(maps, [0, 1, 3, 4, 2]), kernels);
    return reshape(transpose(mixed, [0, 1, 4, 2, 3]), [n, c / 2, height, width]);
  };
  const mixed = concat(
    [
      mix(firstHalf, kernelsOf(smallLogits, "rpb1", small)),
      mix(secondHalf, kernelsOf(largeLogits, "rpb2", large)),
    ],
    1,
  );
  const enlarged = height !== fullHeight || width !== fullWidth;
  return enlarged ? adaptiveAvgPool2d(mixed, [fullHeight, fullWidth]) : mixed;
}

/** Normal with deviation 0.02, as the plug-in block starts. */
const POSITION_BIAS: Initializer = { kind: "normal", deviation: 0.02 };

/** The short side becomes k where it is shorter. */
function workingSize(height: number, width: number, k: number): [number, number] {
  const short = Math.min(height, width);
  if (short >= k) return [height, width];
  // Exact integers: the float expression of the public code loses a pixel for some sizes.
  const grown = (side: number): number => Math.floor((k * side) / short);
  return [grown(height), grown(width)];
}

/**
 * B[g, y, x, i k + j] = table[g, t(y) + i - y + k - 1, t(x) + j - x + k - 1], t the first row or column of the window: by products
 * with constant selections, whose gradients are products too.
 *
 * @param table  [G, 2k - 1, 2k - 1]
 * @returns      [G, H, W, k k]
 */
function positionBias(table: Value, height: number, width: number, k: number): Value {
  const groups = table.shape[0]!;
  const selected = matmul(
    matmul(selection(height, k), table),
    transpose(selection(width, k), [1, 0]),
  );
  const parts = reshape(selected, [groups, height, k, width, k]);
  return reshape(transpose(parts, [0, 1, 3, 2, 4]), [groups, height, width, k * k]);
}

/** [size k, 2k - 1]: row (y, i) picks the relative position of the i-th window row. */
function selection(size: number, k: number): Value {
  const columns = 2 * k - 1;
  const values = new Float32Array(size * k * columns);
  for (let y = 0; y < size; y++) {
    const first = Math.min(Math.max(y - (k - 1) / 2, 0), size - k);
    for (let i = 0; i < k; i++) values[(y * k + i) * columns + first + i - y + k - 1] = 1;
  }
  return constant(tensor([size * k, columns], values));
}

/** proj(SiLU(gate(n)) . SE(mixed + lepe(n))). */
function gated(p: Scope, n: Value, mixed: Value, channels: number, s: Settings): Value {
  const c = mixed.shape[1]!;
  const gateLogits = convBn(p.at("gate"), n, c);
  const gate = mul(gateLogits, sigmoid(gateLogits));
  const lepe = batchNorm2d(p.at("lepe.1"), dilatedBranches(p.at("lepe.0"), n, s.kernelSize));
  const excited = squeezeAndExcite(p.at("se_layer.proj"), add(mixed, lepe));
  return conv2d(p.at("proj.1"), batchNorm2d(p.at("proj.0"), mul(gate, excited)), channels);
}

/** Residual, depthwise residual, then MLP(LN) with global response normalisation; residual. */
function feedForward(p: Scope, o: Value, skip: Value, c: number, s: Settings): Value {
  const z0 = residual(p, "ls1", skip, o, s);
  const z = add(z0, depthwise(p.at("dwconv2"), z0, 3));
  const hidden = gelu(
    conv2d(p.at("mlp.0"), layerNorm2d(p.at("norm2"), z), Math.floor(c * s.mlpRatio)),
  );
  const spread = add(hidden, depthwise(p.at("mlp.2"), hidden, 3));
  const mlp = conv2d(p.at("mlp.4"), responseNorm(p.at("mlp.3"), spread), z.shape[1]!);
  return residual(p, "ls2", z, mlp, s);
}

/** skip + scale(branch), or scale(skip) + branch. */
function residual(p: Scope, name: string, skip: Value, branch: Value, s: Settings): Value {
  const { layerScaleStart, residualScale } = s;
  if (layerScaleStart === undefined) return add(skip, branch);
  const scale = (v: Value): Value => scaleAndShift(p.at(name), v, layerScaleStart);
  return residualScale ? add(scale(skip), branch) : add(skip, scale(branch));
}

/** A factor and a summand for each channel. */
function scaleAndShift(p: Scope, x: Value, start: number): Value {
  const c = x.shape[1]!;
  const weight = p.parameter("weight", [c, 1, 1, 1], { kind: "constant", value: start });
  const bias = p.parameter("bias", [c], zeros);
  return add(mul(x, reshape(weight, [c, 1, 1])), reshape(bias, [c, 1, 1]));
}

const convBn = (p: Scope, x: Value, channels: number): Value =>
  batchNorm2d(p.at("1"), conv2d(p.at("0"), x, channels, { bias: false }));

function depthwise(p: Scope, x: Value, kernel: number, options: ConvOptions = {}): Value {
  const c = x.shape[1]!;
  const padding = ((options.dilation ?? 1) * (kernel - 1)) / 2;
  return kernel === 3 && options.dilation === undefined
    ? conv3x3(p, x, c, { groups: c, ...options })
    : conv2d(p, x, c, { kernel, padding, groups: c, ...options });
}

/** A 1 x 1 convolution on rows, named and shaped as one: weight [K, C, 1, 1]. */
function pointwiseRows(p: Scope, x: Value, channels: number): Value {
  const [a = 1, b = 1, rows = 1, c = 1] = x.shape;
  const asMap = reshape(x, [a * b * rows, c, 1, 1]);
  return reshape(conv2d(p, asMap, channels), [a, b, rows, channels]);
}

/** Sizes and dilations of the branches beside the main kernel. */
const BRANCHES: Readonly<Record<number, readonly (readonly [kernel: number, dilation: number])[]>> =
  {
    5: [
      [3, 1],
      [3, 2],
    ],
    7: [
      [5, 1],
      [3, 1],
      [3, 2],
      [3, 3],
    ],
  };

/** Sum over branches of BN(depthwise convolution): a large kernel and dilated small ones. */
function dilatedBranches(p: Scope, x: Value, kernel: number): Value {
  const branches = BRANCHES[kernel];
  if (!branches) {
    throw new ArgumentError(
      `contMix at ${p.path}: kernelSize must be one of ${Object.keys(BRANCHES).join(", ")}, got ${kernel}`,
    );
  }
  let y = batchNorm2d(p.at("origin_bn"), depthwise(p.at("lk_origin"), x, kernel, { bias: false }));
  for (const [k, dilation] of branches) {
    const conv = depthwise(p.at(`dil_conv_k${k}_${dilation}`), x, k, { bias: false, dilation });
    y = add(y, batchNorm2d(p.at(`dil_bn_k${k}_${dilation}`), conv));
  }
  return y;
}

/** X . sigmoid(Conv1(GELU(Conv1(mean over pixels of X)))). */
function squeezeAndExcite(p: Scope, x: Value): Value {
  const c = x.shape[1]!;
  const hidden = conv2d(p.at("1"), mean(x, [2, 3], true), Math.max(16, Math.floor(c / 8)));
  return mul(x, sigmoid(conv2d(p.at("3"), gelu(hidden), c)));
}

/** GRN: (gamma N + 1) X + beta, N = |X| / (mean over channels of |X| + 1e-6), |X| the length of a channel over all pixels. */
function responseNorm(p: Scope, x: Value): Value {
  const c = x.shape[1]!;
  const length = sqrt(sum(mul(x, x), [2, 3], true));
  const relative = div(length, add(mean(length, [1], true), scalar(1e-6)));
  const gamma = p.parameter("gamma", [1, c, 1, 1], zeros);
  const beta = p.parameter("beta", [1, c, 1, 1], zeros);
  return add(mul(x, add(mul(gamma, relative), scalar(1))), beta);
}

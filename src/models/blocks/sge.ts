/** SGE, the guidance extractor: structure from the deepest and the shallowest features. */
import { constant, type Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { expand } from "../../ops/expand.ts";
import { reshape } from "../../ops/reshape.ts";
import { sqrt } from "../../ops/sqrt.ts";
import { torchDefault } from "../../nn/init.ts";
import { conv2d as convolve } from "../../ops/conv2d.ts";
import { gradientMagnitude } from "../../ops/gradientMagnitude.ts";
import { mul } from "../../ops/mul.ts";
import { relu } from "../../ops/relu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { split } from "../../ops/slice.ts";
import { sum } from "../../ops/sum.ts";
import { tensor } from "../../tensor/tensor.ts";

export interface SgeOptions {
  /** Channels of the two projections; a quarter of it inside the refiners. Default 256. */
  readonly bottleneck?: number;
  /** Channels after fusion. Default 256. */
  readonly mid?: number;
  /** Channels of the guidance map. Default 16. */
  readonly guidanceChannels?: number;
  /** Sobel of the channel sum (`channel-sum`, as released), or of each channel (`per-channel`, equation 1). */
  readonly gradient?: "channel-sum" | "per-channel";
  /** What finds the edges, see `EDGE_OPERATORS`. Default `sobel`. */
  readonly operator?: EdgeOperator;
}

/**
 * What finds the edges, the rows of the paper's Table 6. `none`: no modulation. `learnable`: two trained 3 x 3 kernels, random at
 * first. `adaptive`: the same, but starting as Sobel; an operator of ours, after the paper's outlook.
 */
export const EDGE_OPERATORS = [
  "sobel",
  "scharr",
  "laplacian",
  "learnable",
  "adaptive",
  "none",
] as const;
export type EdgeOperator = (typeof EDGE_OPERATORS)[number];

export interface Sge {
  /** Edge logits, [N, 1, H, W]. */
  readonly edge: Value;
  /** [N, guidanceChannels, H, W]. */
  readonly guidance: Value;
}

/**
 * Structure extraction: project, modulate by the strength of edges, refine, fuse.
 *
 * @param deep     x4, [N, C4, h, w]
 * @param shallow  x1, [N, C1, H, W]
 * @see SGDC paper, section 3.2, equation 1; released as solstice0621/SGDC SGE.py
 */
export const sge = block((p: Scope, deep: Value, shallow: Value, options: SgeOptions = {}): Sge => {
  const { bottleneck = 256, mid = 256, guidanceChannels = 16 } = options;
  const { gradient = "channel-sum", operator = "sobel" } = options;
  const branch = (level: string, x: Value): Value => {
    const projected = convBnRelu(p.at(`s${level}_proj`), x, bottleneck, 1);
    return refine(
      p.at(`refine${level}.refine`),
      modulate(p.at(`edge${level}`), projected, operator, gradient),
    );
  };
  const refinedDeep = branch("4", deep);
  const refinedShallow = branch("1", shallow);

  // Fusion at the resolution of the shallow map; the deep part comes first.
  const [, , height = 1, width = 1] = shallow.shape;
  const joined = concat([resizeBilinear(refinedDeep, [height, width]), refinedShallow], 1);
  const fused = convBnRelu(p.at("fuse"), joined, mid, 3);
  return {
    edge: conv2d(p.at("out_edge_map"), fused, 1, { bias: false }),
    guidance: conv2d(p.at("out_guidance"), fused, guidanceChannels, { bias: false }),
  };
});

function convBnRelu(p: Scope, x: Value, channels: number, kernel: number): Value {
  const y = conv2d(p.at("conv"), x, channels, { kernel, padding: (kernel - 1) / 2, bias: false });
  return relu(batchNorm2d(p.at("bn"), y));
}

/** Fixed kernels, one 3 x 3 after the other: Kx and its transpose Ky, or the Laplacian alone. */
const KERNELS = {
  sobel: [1, 0, -1, 2, 0, -2, 1, 0, -1, 1, 2, 1, 0, 0, 0, -1, -2, -1],
  scharr: [3, 0, -3, 10, 0, -10, 3, 0, -3, 3, 10, 3, 0, 0, 0, -3, -10, -3],
  laplacian: [0, 1, 0, 1, -4, 1, 0, 1, 0],
} as const;

/** P' = s(|grad P|) P: flat places are damped, by half at most. */
function modulate(
  p: Scope,
  x: Value,
  operator: EdgeOperator,
  gradient: "channel-sum" | "per-channel",
): Value {
  if (operator === "none") return x;
  const c = x.shape[1]!;
  const kernels = kernelsOf(p, operator);
  const count = kernels.shape[0]!;
  // The released dense Sobel gives every channel the response of the channel sum: compute that one map.
  const [seen, weights, groups] =
    gradient === "channel-sum"
      ? ([sum(x, [1], true), kernels, 1] as const)
      : ([x, repeat(kernels, c), c] as const);
  const responses = convolve(seen, weights, null, { padding: 1, groups });
  return mul(x, sigmoid(magnitude(responses, count)));
}

/** [1 or 2, 1, 3, 3]. */
function kernelsOf(p: Scope, operator: Exclude<EdgeOperator, "none">): Value {
  const shape = [2, 1, 3, 3];
  if (operator === "learnable") return p.parameter("weight", shape, torchDefault(9));
  if (operator === "adaptive") {
    return p.parameter("weight", shape, { kind: "values", values: KERNELS.sobel });
  }
  const values = KERNELS[operator];
  return constant(tensor([values.length / 9, 1, 3, 3], values));
}

/** [K, 1, 3, 3] for each of `channels` groups: [channels K, 1, 3, 3]. */
function repeat(kernels: Value, channels: number): Value {
  const count = kernels.shape[0]!;
  const all = expand(reshape(kernels, [1, count, 9]), [channels, count, 9]);
  return reshape(all, [channels * count, 1, 3, 3]);
}

/** Length of the responses [N, C K, H, W] of K kernels: [N, C, H, W]. */
function magnitude(responses: Value, count: number): Value {
  const [n = 1, maps = 1, height = 1, width = 1] = responses.shape;
  if (count === 1) return sqrt(mul(responses, responses));
  const c = maps / count;
  const [gx, gy] =
    c === 1
      ? split(responses, 1, [1, 1])
      : split(reshape(responses, [n, c, count, height, width]), 2, [1, 1]);
  return reshape(gradientMagnitude(gx!, gy!), [n, c, height, width]);
}

/** ReLU(x + BN(Conv1(ReLU(BN(Conv3(ReLU(BN(Conv1 x)))))))), a quarter as wide inside. */
const refine = block((p: Scope, x: Value): Value => {
  const c = x.shape[1]!;
  const inner = Math.floor(c / 4);
  let y = relu(batchNorm2d(p.at("1"), conv2d(p.at("0"), x, inner, { bias: false })));
  y = relu(batchNorm2d(p.at("4"), conv3x3(p.at("3"), y, inner, { bias: false })));
  y = batchNorm2d(p.at("7"), conv2d(p.at("6"), y, c, { bias: false }));
  return relu(add(x, y));
});

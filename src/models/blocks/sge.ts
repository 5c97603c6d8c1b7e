/** SGE, the guidance extractor: structure from the deepest and the shallowest features. */
import { constant, type Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
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
}

export interface Sge {
  /** Edge logits, [N, 1, H, W]. */
  readonly edge: Value;
  /** [N, guidanceChannels, H, W]. */
  readonly guidance: Value;
}

/**
 * Structure extraction: project, modulate by the Sobel gradient, refine, fuse.
 *
 * @param deep     x4, [N, C4, h, w]
 * @param shallow  x1, [N, C1, H, W]
 * @see SGDC paper, section 3.2, equation 1; released as solstice0621/SGDC SGE.py
 */
export const sge = block((p: Scope, deep: Value, shallow: Value, options: SgeOptions = {}): Sge => {
  const { bottleneck = 256, mid = 256, guidanceChannels = 16, gradient = "channel-sum" } = options;
  const branch = (level: string, x: Value): Value => {
    const projected = convBnRelu(p.at(`s${level}_proj`), x, bottleneck, 1);
    return refine(p.at(`refine${level}.refine`), sobelModulation(projected, gradient));
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

// Kx and its transpose Ky.
const SOBEL = [1, 0, -1, 2, 0, -2, 1, 0, -1, 1, 2, 1, 0, 0, 0, -1, -2, -1];

/** P' = s(|grad P|) P: flat places are damped, by half at most. */
function sobelModulation(x: Value, gradient: "channel-sum" | "per-channel"): Value {
  const c = x.shape[1]!;
  if (gradient === "channel-sum") {
    // The released dense Sobel gives every channel the response of the channel sum: compute that one map.
    const both = convolve(sum(x, [1], true), constant(tensor([2, 1, 3, 3], SOBEL)), null, {
      padding: 1,
    });
    const [gx, gy] = split(both, 1, [1, 1]) as [Value, Value];
    return mul(x, sigmoid(gradientMagnitude(gx, gy)));
  }
  const each = (kernel: readonly number[]): Value => {
    const weights = Array.from({ length: c }, () => kernel).flat();
    return convolve(x, constant(tensor([c, 1, 3, 3], weights)), null, { padding: 1, groups: c });
  };
  return mul(x, sigmoid(gradientMagnitude(each(SOBEL.slice(0, 9)), each(SOBEL.slice(9)))));
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

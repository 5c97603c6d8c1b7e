/** SGDC, structure-guided dynamic convolution: every pixel mixes its neighbourhood with its own kernel. */
import type { Value } from "../../graph/value.ts";
import { depthwiseConv3x3, pointwise } from "../../nn/conv.ts";
import { layerScale } from "../../nn/layers.ts";
import { layerNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { dynamicConv2d } from "../../ops/dynamicConv2d.ts";
import { gelu } from "../../ops/gelu.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { transpose } from "../../ops/transpose.ts";
import { ArgumentError } from "../../base/errors.ts";

export interface SgdcOptions {
  /** Kernels per pixel; each serves C / heads channels. Default 4 (the network uses 2). */
  readonly heads?: number;
  /** Side of the dynamic kernel, odd. Default 7. */
  readonly kernelSize?: number;
  /** Hidden channels of the feed-forward part, as a multiple of C. Default 4. */
  readonly mlpRatio?: number;
  /** Initial LayerScale of both residual branches (`released` only). Default 1e-6. */
  readonly layerScaleStart?: number;
  /**
   * `released`: local branch, gates and kernels read the raw x, LayerScale on both residual branches. `paper` (equations 2
   * to 4): everything reads LN(x), no LayerScale. Default `released`.
   */
  readonly variant?: "released" | "paper";
  /** The depthwise 3 x 3 convolution of gated features. Without it nothing but the dynamic kernels mixes pixels. Default true. */
  readonly local?: boolean;
  /** The dynamic kernels. Default true. */
  readonly dynamic?: boolean;
}

/**
 * Structure-guided dynamic convolution with its feed-forward part.
 *
 * @param x         [N, C, H, W]; C divisible by `heads`.
 * @param guidance  [N, G, h, w], resized to H x W; null: kernels and gates are made from the features alone.
 * @returns         [N, C, H, W]
 * @throws {ArgumentError} if `heads` does not divide C, the kernel size is even, or both branches are off.
 * @see SGDC paper, section 3.3, equations 2 to 4; released as solstice0621/SGDC sgdc.py
 */
export const sgdc = block(
  (p: Scope, x: Value, guidance: Value | null, options: SgdcOptions = {}): Value => {
    const { heads = 4, kernelSize = 7, mlpRatio = 4, layerScaleStart = 1e-6 } = options;
    const { local: hasLocal = true, dynamic: hasDynamic = true } = options;
    const released = (options.variant ?? "released") === "released";
    const [n = 1, dim = 1, height = 1, width = 1] = x.shape;
    const taps = kernelSize * kernelSize;
    if (dim % heads !== 0) {
      throw new ArgumentError(
        `sgdc at ${p.path}: heads must divide the channels, got ${heads} and ${dim}`,
      );
    }
    if (kernelSize % 2 !== 1) {
      throw new ArgumentError(`sgdc at ${p.path}: kernelSize must be odd, got ${kernelSize}`);
    }
    if (!hasLocal && !hasDynamic) {
      throw new ArgumentError(`sgdc at ${p.path}: a branch must be on, got neither`);
    }

    // Channels last: normalisation, gates, kernels and products then read memory in order.
    const pixels = transpose(x, [0, 2, 3, 1]);

    // 1x1 head: two gates, and one kernel per head and pixel, from features plus guidance.
    const normal = layerNorm(p.at("norm1"), pixels);
    const features = released ? pixels : normal;
    const guided = guidance ? add(features, guide(p, guidance, x)) : features;
    const sizes = [...(hasLocal ? [dim] : []), ...(hasDynamic ? [dim, heads * taps] : [])];
    const head = pointwise(
      p.at("attn"),
      guided,
      sizes.reduce((a, b) => a + b),
    );
    const parts = split(head, 3, sizes);

    // Local branch: depthwise 3x3 on gated features.
    const branches: Value[] = [];
    if (hasLocal) {
      const gated = transpose(mul(features, sigmoid(parts[0]!)), [0, 3, 1, 2]);
      branches.push(transpose(depthwiseConv3x3(p.at("dwconv"), gated), [0, 2, 3, 1]));
    }

    // Dynamic branch: each output pixel is a softmax-weighted sum of its neighbourhood.
    if (hasDynamic) {
      const [gate, logits] = parts.slice(-2) as [Value, Value];
      const kernels = softmax(reshape(logits, [n, height, width, heads, taps]));
      branches.push(mul(dynamicConv2d(normal, kernels), sigmoid(gate)));
    }

    // Residual, then feed-forward: LayerNorm, 1x1, GELU, 1x1; residual.
    const scale = (name: string, v: Value): Value =>
      released ? layerScale(p, name, v, layerScaleStart) : v;
    const y = add(
      pixels,
      scale(
        "ls1",
        branches.reduce((a, b) => add(a, b)),
      ),
    );
    const hidden = pointwise(
      p.at("mlp.0"),
      layerNorm(p.at("norm2"), y),
      Math.floor(dim * mlpRatio),
    );
    const out = add(y, scale("ls2", pointwise(p.at("mlp.2"), gelu(hidden), dim)));
    return transpose(out, [0, 3, 1, 2]);
  },
);

/** The guidance at the size and with the channels of `x`, channels last. */
function guide(p: Scope, guidance: Value, x: Value): Value {
  const [, dim = 1, height = 1, width = 1] = x.shape;
  const resized = transpose(resizeBilinear(guidance, [height, width]), [0, 2, 3, 1]);
  return pointwise(p.at("proj_guidance"), resized, dim);
}

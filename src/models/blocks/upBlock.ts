/** A decoder stage of two convolutions, which TransUNet and LeViT-UNet share. */
import type { Value } from "../../graph/value.ts";
import { conv3x3 } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { concat } from "../../ops/concat.ts";
import { relu } from "../../ops/relu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";

/** ReLU(BN(Conv3 x)), the convolution without bias, under `0` and `1`. */
export const convBnRelu = block((p: Scope, x: Value, channels: number): Value =>
  relu(batchNorm2d(p.at("1"), conv3x3(p.at("0"), x, channels, { bias: false }))),
);

/** Bilinear, corners aligned, to twice the size or more. @returns [N, C, factor H, factor W] */
export const upsample = (x: Value, factor = 2): Value =>
  resizeBilinear(x, [x.shape[2]! * factor, x.shape[3]! * factor], { alignCorners: true });

/**
 * CBR3(CBR3(concat(upsample x, skip))).
 *
 * @param x     [N, C, H, W]
 * @param skip  [N, S, 2 H, 2 W], or null
 * @returns     [N, channels, 2 H, 2 W]
 */
export const upBlock = block((p: Scope, x: Value, skip: Value | null, channels: number): Value => {
  const up = upsample(x);
  const y = convBnRelu(p.at("conv1"), skip ? concat([up, skip], 1) : up, channels);
  return convBnRelu(p.at("conv2"), y, channels);
});

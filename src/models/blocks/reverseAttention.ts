/** Decoder stage with reverse attention. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { prelu } from "../../nn/layers.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { mul } from "../../ops/mul.ts";
import { neg } from "../../ops/neg.ts";
import { relu } from "../../ops/relu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { sigmoid } from "../../ops/sigmoid.ts";

/**
 * DM: refines a coarse map with finer features. out = A + U + P, with U the coarse map resized, P one channel predicted from
 * both, and A one channel from the features where U says "background so far".
 *
 * @param skip    r, [N, C, H, W]
 * @param deeper  [N, C, h, w]
 * @returns       [N, C, H, W]
 * @see CTO (Lin et al. 2023); reverse attention after Fan et al. 2020, PraNet
 */
export const reverseAttention = block((p: Scope, skip: Value, deeper: Value): Value => {
  const [, c = 1, height = 1, width = 1] = skip.shape;
  const u = resizeBilinear(deeper, [height, width]);

  // Prediction from both maps.
  let joint = conv3x3(p.at("predict3.0"), concat([skip, u], 1), c);
  joint = prelu(p.at("predict3.2"), batchNorm2d(p.at("predict3.1"), joint));
  joint = conv3x3(p.at("predict3.3"), joint, c);
  joint = prelu(p.at("predict3.5"), batchNorm2d(p.at("predict3.4"), joint));
  joint = conv2d(p.at("predict3.6"), joint, 1);

  // Reverse attention: 1 - s(u) = s(-u).
  const convBn = (name: string, x: Value, channels: number): Value => {
    const y = conv3x3(p.at(`${name}.conv`), x, channels, { bias: false });
    return batchNorm2d(p.at(`${name}.bn`), y);
  };
  let reverse = mul(sigmoid(neg(u)), skip);
  reverse = relu(convBn("ra2_conv2", reverse, c));
  reverse = relu(convBn("ra2_conv3", reverse, c));
  reverse = convBn("ra2_conv4", reverse, 1);

  // The two one-channel maps first: they broadcast over the channels of u once.
  return add(u, add(reverse, joint));
});

/** Skips and decoder of U-Net v2, which VM-UNet V2 shares: gates, infusion of details, transposed convolutions. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3, convTranspose2d } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { adaptiveAvgPool2d } from "../../ops/adaptiveAvgPool2d.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { max } from "../../ops/max.ts";
import { mul } from "../../ops/mul.ts";
import { relu } from "../../ops/relu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { mean, sum } from "../../ops/sum.ts";

/** Four maps, finest first, each half as high and wide as the one before. */
export type Pyramid = readonly [Value, Value, Value, Value];

/**
 * A factor for each channel: s(F(mean of X over the map) + F(maximum of X over the map)), F = Conv1 ReLU Conv1 with a sixteenth of
 * the channels inside, no biases.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, C, 1, 1], 0 to 1
 * @see Woo et al. 2018, CBAM
 */
export const channelGate = block((p: Scope, x: Value): Value => {
  const c = x.shape[1]!;
  // Both pooled values as neighbouring pixels: the convolutions, which they share, run once.
  const pooled = concat([mean(x, [2, 3], true), max(x, [2, 3])], 3);
  const inner = Math.max(1, Math.floor(c / 16));
  const hidden = relu(conv2d(p.at("fc1"), pooled, inner, { bias: false }));
  return sigmoid(sum(conv2d(p.at("fc2"), hidden, c, { bias: false }), [3], true));
});

/**
 * A factor for each pixel: s(Conv7 of the mean and the maximum over channels), no bias.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, 1, H, W], 0 to 1
 * @see Woo et al. 2018, CBAM
 */
export const spatialGate = block((p: Scope, x: Value): Value => {
  const pooled = concat([mean(x, [1], true), max(x, [1])], 1);
  return sigmoid(conv2d(p.at("conv1"), pooled, 1, { kernel: 7, padding: 3, bias: false }));
});

/** BN(Conv1 X) without bias and, as released, without the activation that the module holds. */
export const translate = block((p: Scope, x: Value, channels: number): Value =>
  batchNorm2d(p.at("bn"), conv2d(p.at("conv"), x, channels, { bias: false })),
);

/**
 * Semantics and details of all levels in one map: the product over levels of Conv3(level resized to the target). Larger maps shrink by
 * adaptive average pooling, smaller ones grow bilinearly with aligned corners.
 *
 * @param levels  finest first, [N, C, h, w] each
 * @param target  whose size the result has, one of the levels
 * @returns       [N, C, H, W]
 * @see Peng et al. 2023, U-Net v2, section 2.3
 */
export const infuse = block((p: Scope, levels: Pyramid, target: Value): Value => {
  const [, c = 1, height = 1, width = 1] = target.shape;
  const size = [height, width] as const;
  const parts = levels.map((level, i) => {
    const larger = level.shape[2]! > height;
    const resized = larger
      ? adaptiveAvgPool2d(level, size)
      : resizeBilinear(level, size, { alignCorners: true });
    return conv3x3(p.at(`convs.${i}`), resized, c);
  });
  return parts.reduce((a, b) => mul(a, b));
});

/** What the decoder gives: logits of the two finest levels, at a quarter and an eighth of the image. */
export interface InfusionLogits {
  readonly quarter: Value;
  readonly eighth: Value;
}

/**
 * From the encoder's features to logits: both gates and `translate` on every level, `infuse` to every level, then up from the coarsest
 * by transposed convolutions, adding the infused map of each level.
 *
 * The released modules hold two further heads and a fifth transposed convolution that nothing uses; so does this, for the names.
 *
 * @param features  finest first, at 1/4, 1/8, 1/16 and 1/32 of the image
 * @param classes   channels of the logits
 * @param width     channels between
 */
export function infusionDecoder(
  p: Scope,
  features: Pyramid,
  classes: number,
  width: number,
): InfusionLogits {
  const [f1, f2, f3, f4] = features;
  const skip = (level: number, f: Value): Value => {
    const gated = mul(channelGate(p.at(`ca_${level}`), f), f);
    return translate(
      p.at(`Translayer_${level}`),
      mul(spatialGate(p.at(`sa_${level}`), gated), gated),
      width,
    );
  };
  const levels: Pyramid = [skip(1, f1), skip(2, f2), skip(3, f3), skip(4, f4)];
  const infused = levels.map((level, i) => infuse(p.at(`sdi_${i + 1}`), levels, level));

  const up = (name: string, x: Value): Value =>
    convTranspose2d(p.at(name), x, width, { kernel: 4, stride: 2, padding: 1, bias: false });
  const head = (i: number, x: Value): Value => conv2d(p.at(`seg_outs.${i}`), x, classes);
  const y4 = infused[3]!;
  const y3 = add(up("deconv2", y4), infused[2]!);
  const y2 = add(up("deconv3", y3), infused[1]!);
  const y1 = add(up("deconv4", y2), infused[0]!);
  head(0, y4);
  head(1, y3);
  up("deconv5", y1);
  return { eighth: head(2, y2), quarter: head(3, y1) };
}

/** Names at the top of both networks in the order of the released modules, without the encoder. */
export const infusionNames: readonly string[] = [
  ...[1, 2, 3, 4].flatMap((i) => [`ca_${i}`, `sa_${i}`]),
  ...[1, 2, 3, 4].map((i) => `Translayer_${i}`),
  ...[1, 2, 3, 4].map((i) => `sdi_${i}`),
  ...["seg_outs", "deconv2", "deconv3", "deconv4", "deconv5"],
];

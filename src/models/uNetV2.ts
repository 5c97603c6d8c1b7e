/** U-Net v2: skips that infuse semantics and details into every level. */
import type { Value } from "../graph/value.ts";
import { block, type Scope } from "../nn/scope.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { infusionDecoder, infusionNames } from "./blocks/detailInfusion.ts";
import { pvtV2, type PvtV2Options } from "./blocks/pvtV2.ts";

export interface UNetV2Options {
  /** Output channels. Default 1: foreground against background. */
  readonly classes?: number;
  readonly encoder?: PvtV2Options;
  /** Channels of skips and decoder. Default 32. */
  readonly decoderChannels?: number;
}

export interface UNetV2Outputs {
  /** The prediction, at the size of the image. */
  readonly full: Value;
  /** Deep supervision, at half of the size. */
  readonly half: Value;
}

/**
 * U-Net v2 as published for polyps: PVTv2-B2 encoder, gated skips, infusion of all levels into each, logits of the two finest levels,
 * each four times as large as its level.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32
 * @see Peng et al. 2023; code yaoppeng/U-Net_v2, PolypSeg/unet_v2
 */
export const uNetV2 = block((p: Scope, x: Value, options: UNetV2Options = {}): UNetV2Outputs => {
  const { classes = 1, decoderChannels = 32 } = options;
  p.order("encoder", ...infusionNames);
  const features = pvtV2(p.at("encoder.backbone"), x, options.encoder);
  const { quarter, eighth } = infusionDecoder(p, features, classes, decoderChannels);
  const fourfold = (v: Value): Value => resizeBilinear(v, [4 * v.shape[2]!, 4 * v.shape[3]!]);
  return { full: fourfold(quarter), half: fourfold(eighth) };
});

/** U-Net v2: skips that infuse semantics and details into every level. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { block, type Scope } from "../nn/scope.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { infusionDecoder, infusionNames } from "./blocks/detailInfusion.ts";
import { pvtV2 } from "./blocks/pvtV2.ts";
import { defineNetwork } from "./network.ts";

const whole = z.int().min(1);
const perStage = z.tuple([whole, whole, whole, whole]);

const options = z.strictObject({
  decoderChannels: whole.exactOptional().describe("channels of skips and decoder (default: 32)"),
  encoder: z
    .strictObject({
      widths: perStage.exactOptional().describe("channels of the stages, multiples of their heads"),
      depths: perStage.exactOptional().describe("blocks of the stages"),
      heads: perStage.exactOptional().describe("heads of the attention of the stages"),
      mlpRatios: perStage.exactOptional().describe("hidden channels of the stages, as multiples"),
      dropPathRate: z.number().min(0).lt(1).exactOptional().describe("of the last block"),
    })
    .exactOptional()
    .describe("PVT v2"),
});

/** `classes`: channels of the logits, default 1. */
export type UNetV2Options = z.output<typeof options> & { readonly classes?: number };

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

/**
 * Two copies of the published code differ: that for polyps, which this follows, trains two outputs, the other one four. Which of them,
 * and of several encoders, gave the published figures on skin lesions is not said. There the loss was cross-entropy and Dice, as the
 * common one here, by a fork of nnU-Net; for polyps a weighted form, whose weights cancel in the cross-entropy under current PyTorch.
 * The half-size output is trained at the size of the image. For polyps the published prediction sums both outputs; here it is the
 * finer one, as on skin lesions.
 */
export const uNetV2Entry = defineNetwork({
  name: "unet-v2",
  title: "U-Net v2",
  source: "Peng, Sonka, Chen: U-Net v2 (2023), arXiv:2311.17791; code yaoppeng/U-Net_v2, PolypSeg",
  options,
  sizes: {
    public: {},
    compact: {
      encoder: { widths: [32, 64, 160, 256], depths: [2, 3, 4, 2] },
    },
  },
  sides: { multipleOf: 32, least: 64 },
  heads: ["auxiliary"],
  encoder: { prefix: "encoder.backbone.", weights: "PVTv2-B2" },
  // The classifier of the published encoder.
  unread: (name) => /(^|\.)head\.(weight|bias)$/.test(name),
  trace(p, image, chosen) {
    const { full, half } = uNetV2(p, image, chosen);
    return { logits: full, auxiliary: [resizeBilinear(half, [image.shape[2]!, image.shape[3]!])] };
  },
});

/** Attention U-Net: U-Net whose skips are gated by what comes from below. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { conv2d } from "../nn/conv.ts";
import { batchNorm2d } from "../nn/norm.ts";
import { block, type Scope } from "../nn/scope.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";
import { leeConv, leeEncoder, leeUp, uNetSides } from "./uNet.ts";

const attentionUNetOptions = z.strictObject({
  channels: z.int().min(2).exactOptional().describe("channels at full size (default: 64)"),
});

export type AttentionUNetOptions = z.output<typeof attentionUNetOptions> & {
  readonly classes?: number;
};

/**
 * LeeJunHyun's U-Net with an additive gate on each of the four skips; the gating signal is the map from below, already upsampled.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16
 * @see Oktay et al. 2018, whose own code is three-dimensional; LeeJunHyun/Image_Segmentation, AttU_Net
 */
export const attentionUNet = block(
  (p: Scope, x: Value, options: AttentionUNetOptions = {}): NetworkOutputs => {
    const { channels = 64, classes = 1 } = options;
    const skips = leeEncoder(p, x, channels);
    let y = skips.pop()!;
    for (let level = 5; level > 1; level--) {
      const skip = skips.pop()!;
      const width = skip.shape[1]!;
      const doubled = leeUp(p.at(`Up${level}`), y, width);
      const gated = attentionGate(p.at(`Att${level}`), doubled, skip, Math.floor(width / 2));
      y = leeConv(p.at(`Up_conv${level}`), concat([gated, doubled], 1), width);
    }
    return { logits: conv2d(p.at("Conv_1x1"), y, classes) };
  },
);

/**
 * Y = X s(BN(Conv1(ReLU(BN(Conv1 G) + BN(Conv1 X))))), one gate a pixel.
 *
 * @param gating    G, [N, C, H, W]
 * @param skip      X, [N, D, H, W]
 * @param channels  inside the gate
 * @returns         [N, D, H, W]
 */
export const attentionGate = block(
  (p: Scope, gating: Value, skip: Value, channels: number): Value => {
    const unit = (name: string, v: Value, width: number): Value =>
      batchNorm2d(p.at(`${name}.1`), conv2d(p.at(`${name}.0`), v, width));
    const both = relu(add(unit("W_g", gating, channels), unit("W_x", skip, channels)));
    return mul(skip, sigmoid(unit("psi", both, 1)));
  },
);

export const attentionUNetEntry = defineNetwork({
  name: "attention-unet",
  title: "Attention U-Net",
  source: "Oktay et al. 2018, arXiv:1804.03999; code LeeJunHyun/Image_Segmentation",
  options: attentionUNetOptions,
  sizes: {
    public: {},
    // At 128 x 128 the multiply-accumulates of SGD-Net's compact, within 10 %.
    compact: { channels: 8 },
  },
  sides: uNetSides,
  trace: attentionUNet,
});

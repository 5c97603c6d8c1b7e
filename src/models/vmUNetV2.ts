/** VM-UNet V2: a state space encoder under the skips and decoder of U-Net v2. */
import type { Value } from "../graph/value.ts";
import { convTranspose2d } from "../nn/conv.ts";
import { block, type Scope } from "../nn/scope.ts";
import { add } from "../ops/add.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { transpose } from "../ops/transpose.ts";
import { infusionDecoder, infusionNames, type Pyramid } from "./blocks/detailInfusion.ts";
import type { PerStage } from "./blocks/pvtV2.ts";
import { patchEmbedding, patchMerging, stateSpaceBlock } from "./blocks/visualStateSpace.ts";

export interface VmUNetV2Options {
  /** Output channels. Default 1: foreground against background. */
  readonly classes?: number;
  /** Channels of the first stage; each later one has twice as many. Default 96. */
  readonly width?: number;
  /** Blocks of each stage. Default [2, 2, 9, 2]. */
  readonly depths?: PerStage;
  /** Channels of skips and decoder. Default 48. */
  readonly decoderChannels?: number;
  /** The last block's share of images left out while training; earlier blocks have less, from 0 on. Default 0.2. */
  readonly dropPathRate?: number;
}

/**
 * Logits at the size of the image; the published module returns their sigmoid.
 *
 * The decoder takes what each stage of the encoder is given, so that the last stage has no influence; its parameters are here for the
 * names. The logits of the second finest level are made twice as large by a transposed convolution and added: the published "deep
 * supervision".
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32
 * @returns  [N, classes, H, W]
 * @see Zhang et al. 2024; code nobodyplayer1/VM-UNetV2
 */
export const vmUNetV2 = block((p: Scope, x: Value, options: VmUNetV2Options = {}): Value => {
  const { classes = 1, decoderChannels = 48 } = options;
  p.order(...infusionNames, "deconv6", "vmunet");
  const { quarter, eighth } = infusionDecoder(
    p,
    encoder(p.at("vmunet"), x, options),
    classes,
    decoderChannels,
  );
  const fourfold = (v: Value): Value => resizeBilinear(v, [4 * v.shape[2]!, 4 * v.shape[3]!]);
  const twofold = { kernel: 3, stride: 2, padding: 1, outputPadding: 1 };
  const coarser = convTranspose2d(p.at("deconv6"), fourfold(eighth), classes, twofold);
  return add(fourfold(quarter), coarser);
});

/** What each stage is given, finest first, channels first. */
const encoder = block((p: Scope, image: Value, options: VmUNetV2Options): Pyramid => {
  const { width = 96, depths = [2, 2, 9, 2], dropPathRate = 0.2 } = options;
  const last = depths.reduce((a, b) => a + b) - 1;
  let count = 0;
  let x = patchEmbedding(p.at("patch_embed"), image, width);
  const stage = (i: 0 | 1 | 2 | 3): Value => {
    const given = transpose(x, [0, 3, 1, 2]);
    const layer = p.at(`layers.${i}`);
    for (let j = 0; j < depths[i]; j++) {
      // Nothing uses the last stage: random numbers for it would be drawn for nothing.
      const rate = last === 0 || i === 3 ? 0 : (dropPathRate * count++) / last;
      x = stateSpaceBlock(layer.at(`blocks.${j}`), x, { dropPathRate: rate });
    }
    if (i < 3) x = patchMerging(layer.at("downsample"), x);
    return given;
  };
  return [stage(0), stage(1), stage(2), stage(3)];
});

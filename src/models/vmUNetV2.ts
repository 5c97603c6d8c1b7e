/** VM-UNet V2: a state space encoder under the skips and decoder of U-Net v2. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { convTranspose2d } from "../nn/conv.ts";
import { block, type Scope } from "../nn/scope.ts";
import { add } from "../ops/add.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { transpose } from "../ops/transpose.ts";
import { infusionDecoder, infusionNames, type Pyramid } from "./blocks/detailInfusion.ts";
import { patchEmbedding, patchMerging, stateSpaceBlock } from "./blocks/visualStateSpace.ts";
import { defineNetwork } from "./network.ts";

const whole = z.int().min(1);

const options = z.strictObject({
  width: whole
    .exactOptional()
    .describe("channels of the first stage; each later one has twice as many (default: 96)"),
  depths: z
    .tuple([whole, whole, whole, whole])
    .exactOptional()
    .describe("blocks of the stages (default: 2, 2, 9, 2)"),
  decoderChannels: whole.exactOptional().describe("channels of skips and decoder (default: 48)"),
  dropPathRate: z
    .number()
    .min(0)
    .lt(1)
    .exactOptional()
    .describe("share of images that the last block leaves out while training (default: 0.2)"),
});

/** `classes`: channels of the logits, default 1. */
export type VmUNetV2Options = z.output<typeof options> & { readonly classes?: number };

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

/**
 * The published module gives a probability, for one class only; here its logit, for any number, and the published loss (cross-entropy
 * and Dice) is the common one. Its selective scan is a CUDA kernel that could not be run for comparison; the goldens follow its
 * documented recurrence. Its training brings images to 0..255 by a mean and deviation of the whole set; here normalisation is common
 * to all networks.
 */
export const vmUNetV2Entry = defineNetwork({
  name: "vm-unet-v2",
  title: "VM-UNet V2",
  source:
    "Zhang, Yu, Gu, Lin, Tao: VM-UNet-V2 (2024), arXiv:2403.09157; code nobodyplayer1/VM-UNetV2",
  options,
  sizes: {
    public: {},
    compact: { width: 32, decoderChannels: 32 },
  },
  sides: { multipleOf: 32, least: 64 },
  encoder: { prefix: "vmunet.", weights: "VMamba" },
  // The published encoder is deeper, and classifies: its further blocks are left out, as in the published code.
  unread: (name) =>
    /^(vmunet\.)?((norm|head)\.(weight|bias)$|layers\.2\.blocks\.(9|[12]\d)\.)/.test(name),
  trace: (p, image, chosen) => ({ logits: vmUNetV2(p, image, chosen) }),
});

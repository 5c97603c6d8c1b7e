/** LeViT-UNet: a convolutional stem, LeViT on its tokens, and a decoder that takes both. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { conv2d, conv3x3 } from "../nn/conv.ts";
import { batchNorm2d } from "../nn/norm.ts";
import { block, type Scope } from "../nn/scope.ts";
import { concat } from "../ops/concat.ts";
import { hardswish } from "../ops/hardswish.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { levitAttention, levitDownsampling, levitFeedForward } from "./blocks/levit.ts";
import { upBlock, upsample } from "./blocks/upBlock.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";

const width = z.int().min(1);
const three = z.tuple([width, width, width]);

const levitUNetOptions = z.strictObject({
  imageSize: z
    .int()
    .min(16)
    .exactOptional()
    .describe(
      "side of the images that the tables of attention biases are made for; for others they are resized (default: that of the images it is trained on)",
    ),
  channels: three
    .exactOptional()
    .describe(
      "channels of the three stages; the stem has 1/8, 1/4, 1/2 and 1 times the first (default: 384, 512, 768)",
    ),
  depths: three
    .exactOptional()
    .describe("pairs of attention and feed-forward part in each stage (default: 4, 4, 4)"),
  heads: three.exactOptional().describe("heads of the attention in each stage (default: 6, 9, 12)"),
  keyChannels: width.exactOptional().describe("channels of a key of one head (default: 32)"),
  decoder: three
    .exactOptional()
    .describe("channels of the three decoder stages (default: 512, 256, 128)"),
  dropPathRate: z
    .number()
    .min(0)
    .lt(1)
    .exactOptional()
    .describe("share of images that skip a residual branch while training (default: 0.1)"),
});

/** `classes`: channels of the logits, default 1. */
export type LevitUNetOptions = z.output<typeof levitUNetOptions> & { readonly classes?: number };

/** Channels of a value as a multiple of those of a key, in a stage and between stages; and those of the feed-forward part. */
const [VALUE_RATIO, DOWNSAMPLING_RATIO, HIDDEN_RATIO] = [2, 4, 2];

/**
 * LeViT-UNet-384 and its smaller relatives.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16, at least 64. The published stem takes one channel.
 * @see Xu et al. 2021, LeViT-UNet; code apple1986/LeViT-UNet
 */
export const levitUNet = block(
  (p: Scope, x: Value, options: LevitUNetOptions = {}): NetworkOutputs => {
    const { classes = 1, imageSize, channels = [384, 512, 768], depths = [4, 4, 4] } = options;
    const { heads = [6, 9, 12], keyChannels = 32, decoder = [512, 256, 128] } = options;
    const { dropPathRate = 0.1 } = options;
    p.order(...MODULES);

    // Stem: four convolutions, each halving the map; no activation after the last.
    const stem = (i: number, before: Value, share: number): Value =>
      convBn(p.at(`cnn_b${i}.0`), before, Math.floor(channels[0] / share));
    const s1 = hardswish(stem(1, x, 8));
    const s2 = hardswish(stem(2, s1, 4));
    const s3 = hardswish(stem(3, s2, 2));
    const s4 = stem(4, s3, 1);

    // Three stages of attention; the second and third begin with one that halves the map.
    const stages: Value[] = [];
    const grid = imageSize === undefined ? undefined : Math.floor(imageSize / 16);
    let table: readonly [number, number] = [grid ?? s4.shape[2]!, grid ?? s4.shape[3]!];
    let [y, index] = [s4, 0];
    for (const [i, width] of channels.entries()) {
      const next = (): Scope => p.at(`block_${i + 1}.${index++}`);
      if (i > 0) {
        const before = channels[i - 1]!;
        const between = {
          heads: Math.floor(before / keyChannels),
          ratio: DOWNSAMPLING_RATIO,
          table,
        };
        y = levitDownsampling(next(), y, width, { ...between, keyChannels });
        table = [halved(table[0]), halved(table[1])];
        y = levitFeedForward(next(), y, width * HIDDEN_RATIO, dropPathRate);
      }
      for (let k = 0; k < depths[i]!; k++) {
        const within = { heads: heads[i]!, ratio: VALUE_RATIO, keyChannels, table };
        y = levitAttention(next(), y, within, dropPathRate);
        y = levitFeedForward(next(), y, width * HIDDEN_RATIO, dropPathRate);
      }
      stages.push(y);
    }

    // Decoder: all stages at the size of the first, joined with the stem; then three times larger, with the stem's maps.
    const [b1, b2, b3] = stages as [Value, Value, Value];
    const up2 = upsample(b2);
    const size = [up2.shape[2]!, up2.shape[3]!] as const;
    const up3 = resizeBilinear(upsample(upsample(b3)), size, { alignCorners: true });
    let d = upBlock(p.at("decoderBlock_1"), concat([s4, b1, up2, up3], 1), null, decoder[0]);
    d = upBlock(p.at("decoderBlock_2"), concat([d, s3], 1), null, decoder[1]);
    d = upBlock(p.at("decoderBlock_3"), concat([d, s2], 1), null, decoder[2]);
    const logits = conv3x3(p.at("segmentation_head.0"), concat([d, s1], 1), classes);
    return { logits: upsample(logits) };
  },
);

const halved = (side: number): number => Math.floor((side - 1) / 2) + 1;

/** BN(3 x 3 convolution with stride 2, without bias), under `c` and `bn`. */
const convBn = (p: Scope, x: Value, channels: number): Value => {
  const options = { kernel: 3, stride: 2, padding: 1, bias: false };
  return batchNorm2d(p.at("bn"), conv2d(p.at("c"), x, channels, options));
};

/** The published order. */
const MODULES = [
  ...["cnn_b1", "cnn_b2", "cnn_b3", "cnn_b4"],
  ...["decoderBlock_1", "decoderBlock_2", "decoderBlock_3", "segmentation_head"],
  ...["block_1", "block_2", "block_3"],
];

export const levitUNetEntry = defineNetwork({
  name: "levit-unet",
  title: "LeViT-UNet",
  source:
    "Xu et al.: LeViT-UNet: Make Faster Encoders with Transformer for Medical Image Segmentation (2021), arXiv:2107.08623; code apple1986/LeViT-UNet, with three channels in where that has one",
  options: levitUNetOptions,
  sizes: {
    "levit-384": {},
    "levit-192": { channels: [192, 288, 384], heads: [3, 5, 6], dropPathRate: 0 },
    "levit-128s": {
      ...{ channels: [128, 256, 384], depths: [2, 3, 4], heads: [4, 6, 8] },
      ...{ keyChannels: 16, dropPathRate: 0 },
    },
    // As many multiply-accumulates as SGD-Net's compact has at 128 x 128.
    compact: {
      ...{ channels: [64, 96, 128], heads: [2, 3, 4], keyChannels: 16, dropPathRate: 0 },
      decoder: [96, 48, 24],
    },
  },
  // Four halvings must come out whole, and leave 4 x 4 tokens, so that the last stage still has a map.
  sides: { multipleOf: 16, least: 64 },
  // Tables of indices are computed here; the class of size 192 lists every block twice.
  unread: (name) => name.endsWith(".attention_bias_idxs") || name.startsWith("blocks."),
  trace: levitUNet,
});

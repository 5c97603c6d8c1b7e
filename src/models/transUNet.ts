/** TransUNet: a ResNet, a vision transformer on its deepest map, and a decoder with skips. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import type { Value } from "../graph/value.ts";
import { conv2d, conv3x3 } from "../nn/conv.ts";
import { zeros } from "../nn/init.ts";
import { dropout } from "../nn/layers.ts";
import { block, type Scope } from "../nn/scope.ts";
import { add } from "../ops/add.ts";
import { reshape } from "../ops/reshape.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { transpose, transposeLast2 } from "../ops/transpose.ts";
import { convBnRelu, upBlock } from "./blocks/upBlock.ts";
import { resNetV2 } from "./blocks/resNetV2.ts";
import { transformerEncoder } from "./blocks/visionTransformer.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";

const width = z.int().min(1);
const rate = z.number().min(0).lt(1);

const transUNetOptions = z.strictObject({
  imageSize: z
    .int()
    .min(16)
    .exactOptional()
    .describe(
      "side of the images that the position embedding is made for; for others it is resized (default: that of the images it is trained on)",
    ),
  channels: width.exactOptional().describe("channels of a token (default: 768)"),
  layers: width.exactOptional().describe("layers of the transformer (default: 12)"),
  heads: width.exactOptional().describe("heads of its attention (default: 12)"),
  hidden: width.exactOptional().describe("channels inside its feed-forward parts (default: 3072)"),
  bridge: width
    .exactOptional()
    .describe("channels of the convolution after the transformer (default: 512)"),
  decoder: z
    .tuple([width, width, width, width])
    .exactOptional()
    .describe("channels of the four decoder stages (default: 256, 128, 64, 16)"),
  dropoutRate: rate
    .exactOptional()
    .describe("dropout of tokens and in the feed-forward parts while training (default: 0.1)"),
  resNet: z
    .strictObject({
      width: width.exactOptional().describe("channels of the root (default: 64)"),
      units: z
        .tuple([width, width, width])
        .exactOptional()
        .describe("units of the three stages (default: 3, 4, 9)"),
      groups: width.exactOptional().describe("groups of the group norms (default: 32)"),
    })
    .exactOptional()
    .describe("the convolutional part"),
});

/** `classes`: channels of the logits, default 1. */
export type TransUNetOptions = z.output<typeof transUNetOptions> & { readonly classes?: number };

/**
 * TransUNet with R50-ViT-B/16.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16, at least 32
 * @throws {ArgumentError} if the heads do not divide the channels, or the groups not the width.
 * @see Chen et al. 2021; code Beckschen/TransUNet
 */
export const transUNet = block(
  (p: Scope, x: Value, options: TransUNetOptions = {}): NetworkOutputs => {
    const { classes = 1, imageSize, channels = 768, layers = 12, heads = 12 } = options;
    const {
      hidden = 3072,
      bridge = 512,
      decoder = [256, 128, 64, 16],
      dropoutRate = 0.1,
    } = options;
    if (channels % heads !== 0) {
      throw new ArgumentError(
        `transunet: heads must divide the channels of a token, got ${heads} and ${channels}; choose others`,
      );
    }
    const embeddings = p.at("transformer.embeddings");
    embeddings.order("position_embeddings", "hybrid_model", "patch_embeddings");
    p.order("transformer", "decoder", "segmentation_head");
    const { deepest, skips } = resNetV2(embeddings.at("hybrid_model"), x, options.resNet);

    // Tokens: one a pixel of the deepest map, with what is learned about its place.
    const patches = conv2d(embeddings.at("patch_embeddings"), deepest, channels);
    const [n = 1, , height = 1, width = 1] = patches.shape;
    const rows = transposeLast2(reshape(patches, [n, channels, height * width]));
    const side = imageSize === undefined ? undefined : Math.floor(imageSize / 16);
    const places = positions(embeddings, [side ?? height, side ?? width], patches);
    const tokens = dropout(embeddings.at("dropout"), add(rows, places), dropoutRate);
    const encoder = p.at("transformer.encoder");
    const encoded = transformerEncoder(encoder, tokens, layers, { heads, hidden, dropoutRate });

    // Decoder: four stages, the last without a skip.
    const map = reshape(transposeLast2(encoded), [n, channels, height, width]);
    let y = convBnRelu(p.at("decoder.conv_more"), map, bridge);
    for (const [i, width] of decoder.entries()) {
      y = upBlock(p.at(`decoder.blocks.${i}`), y, skips[i] ?? null, width);
    }
    return { logits: conv3x3(p.at("segmentation_head.0"), y, classes) };
  },
);

/** The learned embedding of each place of a map, [1, H W, C], from a grid of rows x columns places. */
function positions(p: Scope, [rows, columns]: readonly [number, number], map: Value): Value {
  const [, channels = 1, height = 1, width = 1] = map.shape;
  const learned = p.parameter("position_embeddings", [1, rows * columns, channels], zeros);
  if (height === rows && width === columns) return learned;
  const grid = transpose(reshape(learned, [1, rows, columns, channels]), [0, 3, 1, 2]);
  const resized = resizeBilinear(grid, [height, width], { alignCorners: true });
  return transposeLast2(reshape(resized, [1, channels, height * width]));
}

export const transUNetEntry = defineNetwork({
  name: "transunet",
  title: "TransUNet",
  source:
    "Chen et al.: TransUNet: Transformers Make Strong Encoders for Medical Image Segmentation (2021), arXiv:2102.04306; code Beckschen/TransUNet",
  options: transUNetOptions,
  sizes: {
    "r50-vit-b16": {},
    // As many multiply-accumulates as SGD-Net's compact has at 128 x 128.
    compact: {
      resNet: { width: 16, units: [2, 3, 4], groups: 8 },
      ...{ channels: 128, layers: 6, heads: 4, hidden: 512 },
      ...{ bridge: 64, decoder: [56, 32, 16, 8] },
    },
  },
  // Four halvings must come out whole, and leave two places a side for the first stage's pooling without border.
  sides: { multipleOf: 16, least: 32 },
  trace: transUNet,
});

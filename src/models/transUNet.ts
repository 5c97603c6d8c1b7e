/** TransUNet: a ResNet, a vision transformer on its deepest map, and a decoder with skips. */
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
import { resNetV2, type ResNetV2Options } from "./blocks/resNetV2.ts";
import { transformerEncoder } from "./blocks/visionTransformer.ts";

export interface TransUNetOptions {
  /** Output channels. Default 1: foreground against background. */
  readonly classes?: number;
  /**
   * Side of the images that the position embedding is made for; for others it is resized, corners on corners. Default 256.
   */
  readonly imageSize?: number;
  readonly resNet?: ResNetV2Options;
  /** Channels of the tokens. Default 768. */
  readonly channels?: number;
  /** Default 12. */
  readonly layers?: number;
  /** Default 12. */
  readonly heads?: number;
  /** Channels inside the feed-forward part. Default 3072. */
  readonly hidden?: number;
  /** Channels of the convolution after the transformer. Default 512. */
  readonly bridge?: number;
  /** Channels of the four decoder stages. Default [256, 128, 64, 16]. */
  readonly decoder?: readonly [number, number, number, number];
  /** Dropout of tokens and in the feed-forward parts while training. Default 0.1. */
  readonly dropoutRate?: number;
}

/**
 * TransUNet with R50-ViT-B/16.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16, at least 32
 * @returns  logits, [N, classes, H, W]
 * @see Chen et al. 2021; code Beckschen/TransUNet
 */
export const transUNet = block((p: Scope, x: Value, options: TransUNetOptions = {}): Value => {
  const { classes = 1, imageSize = 256, channels = 768, layers = 12, heads = 12 } = options;
  const { hidden = 3072, bridge = 512, decoder = [256, 128, 64, 16], dropoutRate = 0.1 } = options;
  const embeddings = p.at("transformer.embeddings");
  embeddings.order("position_embeddings", "hybrid_model", "patch_embeddings");
  p.order("transformer", "decoder", "segmentation_head");
  const { deepest, skips } = resNetV2(embeddings.at("hybrid_model"), x, options.resNet);

  // Tokens: one a pixel of the deepest map, with what is learned about its place.
  const patches = conv2d(embeddings.at("patch_embeddings"), deepest, channels);
  const [n = 1, , height = 1, width = 1] = patches.shape;
  const rows = transposeLast2(reshape(patches, [n, channels, height * width]));
  const places = positions(embeddings, Math.round(imageSize / 16), height, width, channels);
  const tokens = dropout(embeddings.at("dropout"), add(rows, places), dropoutRate);
  const encoder = p.at("transformer.encoder");
  const encoded = transformerEncoder(encoder, tokens, layers, { heads, hidden, dropoutRate });

  // Decoder: four stages, the last without a skip.
  const map = reshape(transposeLast2(encoded), [n, channels, height, width]);
  let y = convBnRelu(p.at("decoder.conv_more"), map, bridge);
  for (const [i, width] of decoder.entries()) {
    y = upBlock(p.at(`decoder.blocks.${i}`), y, skips[i] ?? null, width);
  }
  return conv3x3(p.at("segmentation_head.0"), y, classes);
});

/** The learned embedding of each place, [1, height width, channels], from a grid of side x side places. */
function positions(p: Scope, side: number, height: number, width: number, channels: number): Value {
  const learned = p.parameter("position_embeddings", [1, side * side, channels], zeros);
  if (height === side && width === side) return learned;
  const grid = transpose(reshape(learned, [1, side, side, channels]), [0, 3, 1, 2]);
  const resized = resizeBilinear(grid, [height, width], { alignCorners: true });
  return transposeLast2(reshape(resized, [1, channels, height * width]));
}

/** U-Net, as two public implementations have it. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { conv2d, conv3x3, convTranspose2d } from "../nn/conv.ts";
import { batchNorm2d } from "../nn/norm.ts";
import { block, type Scope } from "../nn/scope.ts";
import { concat } from "../ops/concat.ts";
import { expand } from "../ops/expand.ts";
import { maxPool2d } from "../ops/maxPool2d.ts";
import { padZeros } from "../ops/padZeros.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";

/** Four halvings must come out whole. */
export const uNetSides = { multipleOf: 16, least: 32 };

const uNetOptions = z.strictObject({
  variant: z
    .enum(["transposed", "bilinear", "lee"])
    .exactOptional()
    .describe(
      "upsampling by transposed convolutions or bilinear (milesial), or nearest with a convolution (LeeJunHyun) (default: transposed)",
    ),
  channels: z.int().min(2).exactOptional().describe("channels at full size (default: 64)"),
});

export type UNetOptions = z.output<typeof uNetOptions> & { readonly classes?: number };

/**
 * U-Net: four halvings, each with twice the channels, and back, each level joined with the one it came from.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16
 * @see Ronneberger et al. 2015; milesial/Pytorch-UNet and LeeJunHyun/Image_Segmentation, which both add batch norm and keep the size
 */
export const uNet = block((p: Scope, x: Value, options: UNetOptions = {}): NetworkOutputs => {
  const { variant = "transposed", channels = 64, classes = 1 } = options;
  const logits =
    variant === "lee"
      ? leeUNet(p, x, channels, classes)
      : milesialUNet(p, x, channels, classes, variant === "bilinear");
  return { logits };
});

/** Channels of the five levels. */
const widths = (c: number): number[] => [c, 2 * c, 4 * c, 8 * c, 16 * c];

function milesialUNet(
  p: Scope,
  x: Value,
  channels: number,
  classes: number,
  bilinear: boolean,
): Value {
  const [first = 0, ...rest] = widths(channels);
  // Bilinear upsampling does not halve the channels: the deepest level has as many as the one above, and each way up half as many.
  const factor = bilinear ? 2 : 1;
  const skips = [doubleConv(p.at("inc"), x, first, first)];
  for (const [i, width] of rest.entries()) {
    const deepest = i === rest.length - 1;
    skips.push(down(p.at(`down${i + 1}`), skips[i]!, deepest ? width / factor : width));
  }
  let y = skips.pop()!;
  for (let level = 1; skips.length > 0; level++) {
    const skip = skips.pop()!;
    const width = skips.length > 0 ? skip.shape[1]! / factor : first;
    y = up(p.at(`up${level}`), y, skip, width, bilinear);
  }
  return conv2d(p.at("outc.conv"), y, classes);
}

/**
 * Two 3 x 3 convolutions without bias, each with batch norm and ReLU.
 *
 * @param channels  of the result
 * @param middle    between the two
 */
export const doubleConv = block((p: Scope, x: Value, channels: number, middle: number): Value => {
  const unit = (at: number, v: Value, width: number): Value => {
    const convolved = conv3x3(p.at(`double_conv.${at}`), v, width, { bias: false });
    return relu(batchNorm2d(p.at(`double_conv.${at + 1}`), convolved));
  };
  return unit(3, unit(0, x, middle), channels);
});

/** Max-pool to half the size, rounded down, then a double convolution. */
export const down = block((p: Scope, x: Value, channels: number): Value =>
  doubleConv(p.at("maxpool_conv.1"), maxPool2d(x, { kernel: 2, stride: 2 }), channels, channels),
);

/**
 * Twice the size, filled up with zeros to the size of the skip, joined with it, then a double convolution.
 *
 * @param x     [N, C, h, w]
 * @param skip  [N, S, H, W], at least 2 h x 2 w
 * @returns     [N, channels, H, W]
 */
export const up = block(
  (p: Scope, x: Value, skip: Value, channels: number, bilinear: boolean): Value => {
    const [, c = 1, height = 1, width = 1] = x.shape;
    const doubled = bilinear
      ? resizeBilinear(x, [2 * height, 2 * width], { alignCorners: true })
      : convTranspose2d(p.at("up"), x, c / 2, { kernel: 2, stride: 2 });
    const joined = concat([skip, padTo(padTo(doubled, skip, 2), skip, 3)], 1);
    const middle = bilinear ? joined.shape[1]! / 2 : channels;
    return doubleConv(p.at("conv"), joined, channels, middle);
  },
);

/** Zeros on both ends of an axis, one more at the end if they are odd. */
function padTo(x: Value, like: Value, axis: number): Value {
  const missing = like.shape[axis]! - x.shape[axis]!;
  const before = Math.floor(missing / 2);
  return missing === 0 ? x : padZeros(x, axis, before, missing - before);
}

function leeUNet(p: Scope, x: Value, channels: number, classes: number): Value {
  const skips = leeEncoder(p, x, channels);
  let y = skips.pop()!;
  for (let level = 5; level > 1; level--) {
    const skip = skips.pop()!;
    const doubled = leeUp(p.at(`Up${level}`), y, skip.shape[1]!);
    y = leeConv(p.at(`Up_conv${level}`), concat([skip, doubled], 1), skip.shape[1]!);
  }
  return conv2d(p.at("Conv_1x1"), y, classes);
}

/** The five levels of LeeJunHyun's encoder, fine to coarse. */
export function leeEncoder(p: Scope, x: Value, channels: number): Value[] {
  const levels: Value[] = [];
  for (const [i, width] of widths(channels).entries()) {
    const before = levels.at(-1);
    const input = before ? maxPool2d(before, { kernel: 2, stride: 2 }) : x;
    levels.push(leeConv(p.at(`Conv${i + 1}`), input, width));
  }
  return levels;
}

/** Two 3 x 3 convolutions with bias, each with batch norm and ReLU. */
export const leeConv = block((p: Scope, x: Value, channels: number): Value => {
  const unit = (at: number, v: Value): Value =>
    relu(batchNorm2d(p.at(`conv.${at + 1}`), conv3x3(p.at(`conv.${at}`), v, channels)));
  return unit(3, unit(0, x));
});

/** Each pixel four times, then a 3 x 3 convolution with batch norm and ReLU. */
export const leeUp = block((p: Scope, x: Value, channels: number): Value => {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const apart = reshape(x, [n, c, height, 1, width, 1]);
  const doubled = reshape(expand(apart, [n, c, height, 2, width, 2]), [
    n,
    c,
    2 * height,
    2 * width,
  ]);
  return relu(batchNorm2d(p.at("up.2"), conv3x3(p.at("up.1"), doubled, channels)));
});

export const uNetEntry = defineNetwork({
  name: "unet",
  title: "U-Net",
  source:
    "Ronneberger et al. 2015, arXiv:1505.04597; code milesial/Pytorch-UNet, LeeJunHyun/Image_Segmentation",
  options: uNetOptions,
  sizes: {
    public: {},
    // What the tables of the literature mostly mean, 7.76 million parameters.
    half: { channels: 32 },
    // At 128 x 128 the multiply-accumulates of SGD-Net's compact, within 10 %.
    compact: { channels: 10 },
  },
  sides: uNetSides,
  trace: uNet,
});

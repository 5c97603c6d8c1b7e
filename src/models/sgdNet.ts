/** SGD-Net: the whole network. */
import type { Value } from "../graph/value.ts";
import { conv2d } from "../nn/conv.ts";
import { block, type Scope } from "../nn/scope.ts";
import { concat } from "../ops/concat.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../tensor/shape.ts";
import { dualAttention } from "./blocks/dualAttention.ts";
import { reduce } from "./blocks/reduce.ts";
import { res2net, type Res2NetOptions } from "./blocks/res2net.ts";
import { reverseAttention } from "./blocks/reverseAttention.ts";
import { sgdc, type SgdcOptions } from "./refiners/sgdc.ts";
import { sge, type SgeOptions } from "./blocks/sge.ts";
import { stitchVit, type StitchVitOptions } from "./blocks/stitchVit.ts";

export interface SgdNetOptions {
  /** Output channels. Default 1: foreground against background. */
  readonly classes?: number;
  readonly encoder?: Res2NetOptions;
  readonly stitchVit?: StitchVitOptions;
  readonly sge?: SgeOptions;
  /** Default: 2 heads, as recovered from the paper's parameter count; the rest as in `SgdcOptions`. */
  readonly sgdc?: SgdcOptions;
  /** Channels of the decoder. Default 64. */
  readonly decoderChannels?: number;
  /** Dropout in the context head while training. Default 0.1. */
  readonly dropoutRate?: number;
}

/** Logits at the size of the image. */
export interface SgdNetOutputs {
  /** The prediction, [N, classes, H, W]. */
  readonly o1: Value;
  /** Deep supervision. */
  readonly o2: Value;
  readonly o3: Value;
  /** Edge logit, [N, 1, H, W]. */
  readonly edge: Value;
  /** Guidance map at a quarter of the size, [N, G, H / 4, W / 4]. */
  readonly guidance: Value;
}

/**
 * SGD-Net: Res2Net encoder, StitchViT and dual attention for context, SGE for structure, SGDC on three levels, reverse-attention
 * decoder, three heads and the edge head.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32, at least 64
 * @throws {ShapeError} if the size of the image does not fit.
 * @see SGDC paper (MIDL 2026), figure 2
 */
export const sgdNet = block((p: Scope, x: Value, options: SgdNetOptions = {}): SgdNetOutputs => {
  const { classes = 1, decoderChannels: width = 64, dropoutRate = 0.1 } = options;
  checkImageShape(x);
  const [x1, x2, x3, x4] = res2net(p.at("resnet"), x, options.encoder);
  const sizeOf = (v: Value): [number, number] => [v.shape[2]!, v.shape[3]!];

  // Context: long-range attention on the finest map, joined with the deepest one.
  const far = resizeBilinear(stitchVit(p.at("multi_trans.t"), x1, options.stitchVit), sizeOf(x4));
  const context = dualAttention(p.at("head"), concat([far, x4], 1), x4.shape[1]!, { dropoutRate });
  const d = reduce(p.at("reduce4"), context, width);

  // Structure: edge logit and guidance.
  const { edge, guidance } = sge(p.at("sge"), x4, x1, options.sge);

  // Refinement: dynamic convolution on three levels, each guided by the same map; then fewer channels.
  const refine = (level: number, v: Value): Value => {
    const refined = sgdc(p.at(`sgdc${level}`), v, guidance, { heads: 2, ...options.sgdc });
    return reduce(p.at(`reduce${level}`), refined, width);
  };
  const [r1, r2, r3] = [refine(1, x1), refine(2, x2), refine(3, x3)];

  // Decoder, coarse to fine.
  const c3 = reverseAttention(p.at("dm3"), r3, d);
  const c2 = reverseAttention(p.at("dm2"), r2, c3);
  const c1 = reverseAttention(p.at("dm1"), r1, c2);

  // Heads, at the size of the image.
  const head = (level: number, v: Value): Value =>
    resizeBilinear(conv2d(p.at(`predictor${level}`), v, classes), sizeOf(x));
  return {
    o1: head(1, c1),
    o2: head(2, c2),
    o3: head(3, c3),
    edge: resizeBilinear(edge, sizeOf(x)),
    guidance,
  };
});

/** Five halvings must come out whole, and leave at least 2 x 2 pixels for the deepest features. */
function checkImageShape(x: Value): void {
  const [, channels, height = 0, width = 0] = x.shape;
  const fits = (size: number): boolean => size >= 64 && size % 32 === 0;
  if (x.shape.length !== 4 || channels !== 3 || !fits(height) || !fits(width)) {
    throw new ShapeError(
      `sgdNet: images must be [N, 3, H, W] with H and W multiples of 32 and at least 64, got ${showShape(x.shape)}`,
    );
  }
}

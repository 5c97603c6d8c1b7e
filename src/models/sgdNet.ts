/** SGD-Net: the whole network. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { conv2d } from "../nn/conv.ts";
import { block, type Scope } from "../nn/scope.ts";
import { concat } from "../ops/concat.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { dualAttention } from "./blocks/dualAttention.ts";
import { reduce } from "./blocks/reduce.ts";
import { res2net, res2netOptions } from "./blocks/res2net.ts";
import { reverseAttention } from "./blocks/reverseAttention.ts";
import { EDGE_OPERATORS, sge } from "./blocks/sge.ts";
import { stitchVit } from "./blocks/stitchVit.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";
import { refinerNames, refiners } from "./refiners/refiners.ts";
import { sgdc } from "./refiners/sgdc.ts";

const width = z.int().min(1);

/** Options of the whole network; those of its parts are explained where the parts are. */
const sgdNetOptions = z.strictObject({
  stitchVariant: z
    .enum(["released", "corrected"])
    .exactOptional()
    .describe("StitchViT: parts left where the released code leaves them, or put back in place"),
  sgdcVariant: z
    .enum(["released", "paper"])
    .exactOptional()
    .describe("SGDC as released (with LayerScale), or by equations 2 to 4"),
  gradient: z
    .enum(["channel-sum", "per-channel"])
    .exactOptional()
    .describe("edges from the channel sum (released) or from each channel (equation 1)"),
  refiner: z
    .enum(refinerNames)
    .exactOptional()
    .describe("what stands in SGDC's place, see docs/reference/refiners.md (default: sgdc)"),
  guidance: z
    .enum(["structure", "self"])
    .exactOptional()
    .describe("kernels made with SGE's guidance, or from the features alone (default: structure)"),
  structure: z
    .boolean()
    .exactOptional()
    .describe("SGE, which gives guidance and edge head; off: neither (default: on)"),
  longRange: z.boolean().exactOptional().describe("StitchViT on the finest map (default: on)"),
  edgeOperator: z
    .enum(EDGE_OPERATORS)
    .exactOptional()
    .describe("what finds edges in SGE; adaptive: starts as Sobel and learns (default: sobel)"),
  localBranch: z.boolean().exactOptional().describe("SGDC's local branch (default: on)"),
  dynamicBranch: z.boolean().exactOptional().describe("SGDC's dynamic branch (default: on)"),
  decoderChannels: width.exactOptional().describe("channels of the decoder (default: 64)"),
  dropoutRate: z
    .number()
    .min(0)
    .lt(1)
    .exactOptional()
    .describe("dropout in the context head while training (default: 0.1)"),
  encoder: res2netOptions.exactOptional().describe("Res2Net"),
  sge: z
    .strictObject({
      bottleneck: width.exactOptional().describe("channels of the projections"),
      mid: width.exactOptional().describe("channels after fusion"),
      guidanceChannels: width.exactOptional().describe("channels of the guidance map"),
    })
    .exactOptional()
    .describe("SGE"),
  sgdc: z
    .strictObject({
      heads: width.exactOptional().describe("kernels per pixel (default: 2)"),
      kernelSize: width.exactOptional().describe("side of the dynamic kernel"),
      mlpRatio: z.number().positive().exactOptional().describe("hidden channels, as a multiple"),
      layerScaleStart: z.number().exactOptional().describe("initial LayerScale"),
    })
    .exactOptional()
    .describe("SGDC"),
});

/** `classes`: channels of the logits, default 1. */
export type SgdNetOptions = z.output<typeof sgdNetOptions> & { readonly classes?: number };

/** Logits at the size of the image. */
export interface SgdNetOutputs extends NetworkOutputs {
  /** The predictions of the two coarser levels of the decoder, for deep supervision. */
  readonly auxiliary: readonly [Value, Value];
  /** `guidance` at a quarter of the size, [N, G, H / 4, W / 4]; none without SGE. */
  readonly maps: { readonly guidance?: Value };
}

/**
 * SGD-Net: Res2Net encoder, StitchViT and dual attention for context, SGE for structure, SGDC on three levels, reverse-attention
 * decoder, three heads and the edge head.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32, at least 64
 * @see SGDC paper (MIDL 2026), figure 2
 */
export const sgdNet = block((p: Scope, x: Value, options: SgdNetOptions = {}): SgdNetOutputs => {
  const { classes = 1, decoderChannels: width = 64, dropoutRate = 0.1 } = options;
  const {
    stitchVariant = "released",
    sgdcVariant = "released",
    gradient = "channel-sum",
    edgeOperator = "sobel",
  } = options;
  const { structure = true, longRange = true, refiner = "sgdc" } = options;
  const { localBranch = true, dynamicBranch = true } = options;
  const [x1, x2, x3, x4] = res2net(p.at("resnet"), x, options.encoder);
  const sizeOf = (v: Value): [number, number] => [v.shape[2]!, v.shape[3]!];

  // Context: long-range attention on the finest map, joined with the deepest one.
  const far = (): Value =>
    resizeBilinear(stitchVit(p.at("multi_trans.t"), x1, { variant: stitchVariant }), sizeOf(x4));
  const deep = longRange ? concat([far(), x4], 1) : x4;
  const context = dualAttention(p.at("head"), deep, x4.shape[1]!, { dropoutRate });
  const d = reduce(p.at("reduce4"), context, width);

  // Structure: edge logit and guidance.
  const made = structure
    ? sge(p.at("sge"), x4, x1, { gradient, operator: edgeOperator, ...options.sge })
    : null;

  // Refinement: dynamic convolution on three levels, each guided by the same map; then fewer channels.
  const guidance = made && options.guidance !== "self" ? made.guidance : null;
  const refine = (level: number, v: Value): Value => {
    const at = p.at(`sgdc${level}`);
    // 2 heads, as recovered from the paper's parameter count.
    const refined =
      refiner === "sgdc"
        ? sgdc(at, v, guidance, {
            ...{ heads: 2, variant: sgdcVariant, local: localBranch, dynamic: dynamicBranch },
            ...options.sgdc,
          })
        : refiners[refiner].refine(at, v, guidance, options.sgdc);
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
  const [logits, second, third] = [head(1, c1), head(2, c2), head(3, c3)];
  return {
    logits,
    auxiliary: [second, third],
    ...(made && { edge: resizeBilinear(made.edge, sizeOf(x)) }),
    maps: made ? { guidance: made.guidance } : {},
  };
});

/** Parameters of the encoder's ImageNet classifier, which the published network carries and never uses. */
const CLASSIFIER = 1000;

export const sgdNetEntry = defineNetwork({
  name: "sgd-net",
  title: "SGD-Net",
  source: "Shi, Zhu, Swamy: SGDC (MIDL 2026), arXiv:2602.23496; code solstice0621/SGDC",
  options: sgdNetOptions,
  sizes: {
    // As recovered from the paper's parameter count (75.88 M with the encoder's classifier).
    paper: {},
    // Every module is there, narrower and shallower; widths chosen by measurement, see docs/explanation/compact.md.
    compact: {
      encoder: { stem: [16, 16, 32], blocks: [1, 2, 3, 2], planes: [8, 24, 48, 88], baseWidth: 64 },
      sge: { bottleneck: 32, mid: 32, guidanceChannels: 16 },
      sgdc: { mlpRatio: 2 },
      decoderChannels: 32,
    },
    // Modules as narrow as they go, one block a stage: at most 0.06 G multiply-accumulates at 256 x 256. The dynamic kernels are 3 x 3
    // and do what the local branch would.
    tiny: {
      encoder: { stem: [4, 4, 8], blocks: [1, 1, 1, 1], planes: [2, 5, 14, 6], baseWidth: 64 },
      sge: { bottleneck: 8, mid: 8, guidanceChannels: 4 },
      sgdc: { heads: 1, kernelSize: 3, mlpRatio: 1 },
      localBranch: false,
      decoderChannels: 7,
    },
  },
  // Five halvings must come out whole, and leave at least 2 x 2 pixels for the deepest features.
  sides: { multipleOf: 32, least: 64 },
  heads: ({ structure = true }) => (structure ? ["auxiliary", "edge"] : ["auxiliary"]),
  encoder: { prefix: "resnet.", weights: "Res2Net-50 v1b" },
  // The encoder's classifier, and the fixed Sobel kernels of SGE, which are constants here.
  unread: (name) => /(^|\.)fc\.(weight|bias)$/.test(name) || /^sge\.sobel_[xy]\.weight$/.test(name),
  trace: sgdNet,
  notes({ encoder, sge: { mid = 256 } = {}, structure = true, edgeOperator = "sobel" }, size) {
    const features = 4 * (encoder?.planes?.[3] ?? 512);
    // The released Sobel pairs are dense, [mid, mid, 3, 3] twice for each level; here they are sums of channels.
    const sobel = (side: number): number => 2 * 9 * mid ** 2 * side ** 2;
    const shallow = sobel(size / 4);
    const deep = sobel(size / 32);
    return {
      parameters: [
        {
          what: "the encoder's ImageNet classifier, which the paper counts and nothing uses",
          value: (features + 1) * CLASSIFIER,
        },
      ],
      macs:
        structure && edgeOperator === "sobel"
          ? [
              { what: "the released dense Sobel convolutions on the deep map", value: deep },
              { what: "the released dense Sobel convolutions on the shallow map", value: shallow },
            ]
          : [],
    };
  },
});

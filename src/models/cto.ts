/** CTO: convolution, transformer and edge operator in one network. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { ctoLoss } from "../losses/ctoLoss.ts";
import { conv2d, conv3x3 } from "../nn/conv.ts";
import { torchDefault } from "../nn/init.ts";
import { batchNorm2d } from "../nn/norm.ts";
import { block, Scope } from "../nn/scope.ts";
import { concat } from "../ops/concat.ts";
import { mul } from "../ops/mul.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { dualAttention } from "./blocks/dualAttention.ts";
import { edgeAttention, sobelWeighting } from "./blocks/edgeAttention.ts";
import { reduce } from "./blocks/reduce.ts";
import { res2net, res2netOptions } from "./blocks/res2net.ts";
import { reverseAttention } from "./blocks/reverseAttention.ts";
import { stitchVit } from "./blocks/stitchVit.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";

const width = z.int().min(1);

const ctoOptions = z.strictObject({
  attention: z
    .enum(["windows", "stitch", "stitch-corrected"])
    .exactOptional()
    .describe(
      "tokens of the transformer: windows as in the paper's tables, StitchViT's sub-images as released, or these with all pixels put back in place (default: windows)",
    ),
  decoderChannels: width.exactOptional().describe("channels of the decoder (default: 64)"),
  dropoutRate: z
    .number()
    .min(0)
    .lt(1)
    .exactOptional()
    .describe("dropout in the context head while training (default: 0.1)"),
  unusedModules: z
    .boolean()
    .exactOptional()
    .describe(
      "also hold what the published code constructs and never uses, so that its weights and counts fit (default: false)",
    ),
  encoder: res2netOptions.exactOptional().describe("Res2Net"),
  edge: z
    .strictObject({
      shallow: width.exactOptional().describe("channels of the shallow map (default: 64)"),
      channels: width
        .exactOptional()
        .describe("channels of the deep map, and after both have met (default: 256)"),
    })
    .exactOptional()
    .describe("the edge branch"),
});

/** `classes`: channels of the logits, default 1; the published code has 2. */
export type CtoOptions = z.output<typeof ctoOptions> & { readonly classes?: number };

/** Logits at the size of the image. */
export interface CtoOutputs extends NetworkOutputs {
  /** The predictions of the two coarser levels of the decoder, for deep supervision. */
  readonly auxiliary: readonly [Value, Value];
  readonly edge: Value;
  /** `edge`: the edge probability, resized after the sigmoid as in the published code, [N, 1, H, W]. */
  readonly maps: { readonly edge: Value };
}

/**
 * CTO: Res2Net encoder, a transformer block on its finest map, an edge map from Sobel gradients that gates the skips, dual attention
 * on the deepest map, reverse-attention decoder, three heads.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32, at least 64
 * @see Lin et al. 2023, Rethinking Boundary Detection in Deep Learning Models for Medical Image Segmentation; code
 *   xiaofang007/CTO
 */
export const cto = block((p: Scope, x: Value, options: CtoOptions = {}): CtoOutputs => {
  const { classes = 1, attention = "windows", decoderChannels = 64 } = options;
  const { dropoutRate = 0.1, unusedModules = false } = options;
  p.order(...MODULES);
  const [x1, x2, x3, x4] = res2net(p.at("resnet"), x, options.encoder);
  if (unusedModules) holdClassifier(p.at("resnet.fc"), x4.shape[1]!);
  const sizeOf = (v: Value): [number, number] => [v.shape[2]!, v.shape[3]!];

  // Long-range attention on the finest map.
  const variant = VARIANTS[attention];
  const far = stitchVit(p.at("multi_trans.t"), x1, { variant });

  // Edges, from the finest and the deepest map.
  const sobel = (level: number, v: Value): Value =>
    sobelWeighting([p.at(`sobel_x${level}`), p.at(`sobel_y${level}`)], v);
  const edge = edgeAttention(p.at("eam"), sobel(4, x4), sobel(1, x1), options.edge);
  const gate = sigmoid(edge);

  // Context.
  const deepest = concat([resizeBilinear(far, sizeOf(x4)), x4], 1);
  const context = dualAttention(p.at("head"), deepest, x4.shape[1]!, { dropoutRate });
  const d = reduce(p.at("reduce4"), context, decoderChannels);

  // Skips, gated by the edges.
  const skip = (level: number, v: Value): Value =>
    reduce(p.at(`reduce${level}`), mul(v, resizeBilinear(gate, sizeOf(v))), decoderChannels);
  const [r1, r2, r3] = [skip(1, x1), skip(2, x2), skip(3, x3)];

  // Decoder, coarse to fine.
  const c3 = reverseAttention(p.at("dm3"), r3, d);
  const c2 = reverseAttention(p.at("dm2"), r2, c3);
  const c1 = reverseAttention(p.at("dm1"), r1, c2);

  // Heads, at the size of the image.
  const head = (level: number, v: Value): Value =>
    resizeBilinear(conv2d(p.at(`predictor${level}`), v, classes), sizeOf(x));
  const outputs: CtoOutputs = {
    logits: head(1, c1),
    auxiliary: [head(2, c2), head(3, c3)],
    edge: resizeBilinear(edge, sizeOf(x)),
    maps: { edge: resizeBilinear(gate, sizeOf(x)) },
  };
  if (unusedModules && attention === "windows") {
    holdUnused(p, { maps: [x1, x2, x3, x4], deeper: c3, skip: d, classes });
  }
  return outputs;
});

const VARIANTS = {
  windows: "windows",
  stitch: "released",
  "stitch-corrected": "corrected",
} as const;

/** The published order. */
const MODULES = [
  ...["resnet", "fft", "multi_trans", "eam"],
  ...[1, 2, 3, 4].flatMap((level) => [`sobel_x${level}`, `sobel_y${level}`]),
  ...[1, 2, 3, 4].map((level) => `erb_db_${level}`),
  ...["head", "reduce1", "reduce2", "reduce3", "reduce4", "reduce5"],
  ...["dm1", "dm2", "dm3", "dm4"],
  ...["predictor1", "predictor2", "predictor3", "predictor4"],
];

export const ctoEntry = defineNetwork({
  name: "cto",
  title: "CTO",
  source:
    "Lin et al.: Rethinking Boundary Detection in Deep Learning Models for Medical Image Segmentation (IPMI 2023), arXiv:2305.00678; code xiaofang007/CTO, MedISeg for the losses",
  options: ctoOptions,
  sizes: {
    // What the tables of the SGDC paper count: 62.22 M parameters with the unused modules.
    vanilla: { unusedModules: true },
    stitchvit: { attention: "stitch", unusedModules: true },
    // The encoder of SGD-Net's compact, and as many multiply-accumulates as that has at 128 x 128.
    compact: {
      encoder: { stem: [16, 16, 32], blocks: [1, 2, 3, 2], planes: [8, 24, 48, 88], baseWidth: 64 },
      edge: { shallow: 32, channels: 56 },
      decoderChannels: 32,
    },
  },
  // Five halvings must come out whole, and leave at least 2 x 2 pixels for the deepest features.
  sides: { multipleOf: 32, least: 64 },
  heads: ["auxiliary", "edge"],
  encoder: { prefix: "resnet.", weights: "Res2Net-50 v1b" },
  // What `unusedModules` holds, where it is left out.
  unread: (name) =>
    /(^|\.)fc\.(weight|bias)$/.test(name) ||
    /^(fft|sobel_[xy][23]|erb_db_[1-4]|reduce5|dm4|predictor4)\./.test(name),
  trace: cto,
  loss: ctoLoss,
});

/** The encoder's ImageNet classifier. */
function holdClassifier(p: Scope, features: number): void {
  p.parameter("weight", [1000, features], torchDefault(features));
  p.parameter("bias", [1000], torchDefault(features));
}

/** Parameters of what the class with windows constructs and never calls; the StitchViT class holds the encoder's classifier alone. */
function holdUnused(
  p: Scope,
  { maps, deeper, skip, classes }: { maps: Value[]; deeper: Value; skip: Value; classes: number },
): void {
  // Traced apart, so that nothing of it, such as running statistics, gets into the graph.
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  scope.parameter("fft.complex_weight", [256, 129, 3, 2], { kind: "normal", deviation: 0.02 });
  for (const [i, x] of maps.entries()) {
    const level = i + 1;
    if (level === 2 || level === 3) {
      sobelWeighting([scope.at(`sobel_x${level}`), scope.at(`sobel_y${level}`)], x);
    }
    const erb = scope.at(`erb_db_${level}`);
    const narrow = conv2d(erb.at("conv1"), x, classes);
    conv3x3(
      erb.at("conv3"),
      batchNorm2d(erb.at("bn"), conv3x3(erb.at("conv2"), narrow, classes)),
      classes,
    );
  }
  reduce(scope.at("reduce5"), maps[3]!, 1);
  conv2d(scope.at("predictor4"), reverseAttention(scope.at("dm4"), skip, deeper), classes);
  for (const { name, shape, init, trained } of [...registry.parameters.values()].map(
    (r) => r.spec,
  )) {
    if (trained) p.parameter(name, shape, init);
    else p.buffer(name, shape, init);
  }
  for (const level of [1, 2, 3, 4]) p.at(`erb_db_${level}`).order("conv1", "conv2", "bn", "conv3");
}

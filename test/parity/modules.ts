/** How each golden module is built here: the only place that knows their names. */
import type { Value } from "../../src/graph/value.ts";
import type { Scope } from "../../src/nn/scope.ts";
import { attentionGate } from "../../src/models/attentionUNet.ts";
import { dualAttention } from "../../src/models/blocks/dualAttention.ts";
import { sobelWeighting } from "../../src/models/blocks/edgeAttention.ts";
import { attention, levitDownsampling, levitFeedForward } from "../../src/models/blocks/levit.ts";
import { reduce } from "../../src/models/blocks/reduce.ts";
import { bottle2neck, res2netStem } from "../../src/models/blocks/res2net.ts";
import { resNetV2Root, resNetV2Unit } from "../../src/models/blocks/resNetV2.ts";
import { reverseAttention } from "../../src/models/blocks/reverseAttention.ts";
import { condConv } from "../../src/models/refiners/condConv.ts";
import { contMix, contMixContext, type ContMixOptions } from "../../src/models/refiners/contMix.ts";
import { dynamicConv } from "../../src/models/refiners/dynamicConv.ts";
import { involution } from "../../src/models/refiners/involution.ts";
import { lsConv, smallKernelAggregation } from "../../src/models/refiners/lsConv.ts";
import { odConv } from "../../src/models/refiners/odConv.ts";
import { concat } from "../../src/ops/concat.ts";
import { split } from "../../src/ops/slice.ts";
import { sgdc } from "../../src/models/refiners/sgdc.ts";
import { sge } from "../../src/models/blocks/sge.ts";
import { doubleConv, down, leeConv, leeUp, up } from "../../src/models/uNet.ts";
import {
  channelGate,
  infuse,
  spatialGate,
  translate,
  type Pyramid,
} from "../../src/models/blocks/detailInfusion.ts";
import { overlapPatchEmbedding, pvtBlock } from "../../src/models/blocks/pvtV2.ts";
import {
  patchEmbedding,
  patchMerging,
  stateSpaceBlock,
} from "../../src/models/blocks/visualStateSpace.ts";
import { exp } from "../../src/ops/exp.ts";
import { add } from "../../src/ops/add.ts";
import { mul } from "../../src/ops/mul.ts";
import { neg } from "../../src/ops/neg.ts";
import { reshape } from "../../src/ops/reshape.ts";
import { selectiveScan } from "../../src/ops/selectiveScan.ts";
import { softplus } from "../../src/ops/softplus.ts";
import { transpose } from "../../src/ops/transpose.ts";
import { stitchVit } from "../../src/models/blocks/stitchVit.ts";
import { upBlock } from "../../src/models/blocks/upBlock.ts";
import { transformerBlock, transformerEncoder } from "../../src/models/blocks/visionTransformer.ts";
import { conv2d } from "../../src/nn/conv.ts";
import { batchNorm2d } from "../../src/nn/norm.ts";
import { hardswish } from "../../src/ops/hardswish.ts";

type Build = (
  p: Scope,
  inputs: Readonly<Record<string, Value>>,
  config: string,
) => Record<string, Value>;

const numbers = (text: string): number[] =>
  [...text.matchAll(/\d+(?:\.\d+)?/g)].map((m) => Number(m[0]));
const field = (config: string, name: string, otherwise: number): number => {
  const value: unknown = (JSON.parse(config) as Record<string, unknown>)[name];
  return typeof value === "number" ? value : otherwise;
};

/** Planes, stride and kind out of `Bottle2neck(inplanes=24, planes=16, stride=2, ...)` in its three spellings. */
function bottleneck(p: Scope, x: Value, config: string): Value {
  const named = (name: string): number | undefined => {
    const found = new RegExp(`\\b${name}=(\\d+)`).exec(config)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const positional = /Bottle2neck\(\d+,\s*(\d+),\s*(\d+)/.exec(config);
  return bottle2neck(p, x, named("planes") ?? Number(positional?.[1]), {
    kind: config.includes("'stage'") ? "stage" : "normal",
    stride: named("stride") ?? Number(positional?.[2]),
    baseWidth: 26,
  });
}

function contMixOptions(config: string): ContMixOptions {
  const start = field(config, "ls_init_value", -1);
  return {
    kernelSize: field(config, "kernel_size", 7),
    smallKernelSize: field(config, "smk_size", 5),
    heads: field(config, "num_heads", 2),
    mlpRatio: field(config, "mlp_ratio", 4),
    residualScale: config.includes('"res_scale": true'),
    ...(start > 0 ? { layerScaleStart: start } : {}),
  };
}

/** The published scan, with its own order of axes: U and delta [b, K D, L], A_log [K D, N], B and C [b, K, N, L], D and bias [K D]. */
function publishedScan(inputs: Readonly<Record<string, Value>>): Value {
  const { 0: u, 1: step, 2: rates, 3: b, 4: c, 5: skip, 6: bias } = inputs;
  const [n = 1, channels = 1, length = 1] = u!.shape;
  const [, groups = 1, states = 1] = b!.shape;
  const d = channels / groups;
  const perChannel = (v: Value): Value =>
    transpose(reshape(v, [n, groups, d, length]), [3, 1, 0, 2]);
  const perState = (v: Value): Value => transpose(v, [3, 1, 0, 2]);
  const ofGroup = (v: Value): Value => reshape(v, [groups, 1, d]);
  const input = perChannel(u!);
  const delta = softplus(add(perChannel(step!), ofGroup(bias!)));
  const a = neg(exp(transpose(reshape(rates!, [groups, d, states]), [0, 2, 1])));
  const y = selectiveScan(delta, mul(delta, input), a, perState(b!), perState(c!));
  const passed = add(y, mul(input, ofGroup(skip!)));
  return reshape(transpose(passed, [2, 1, 3, 0]), [n, channels, length]);
}

/** Builders by module name or the start of it. */
const builders: readonly [name: string, build: Build][] = [
  [
    "SGDC",
    (p, { x, g }, config) => ({
      y: sgdc(p, x!, g!, {
        heads: field(config, "num_heads", 4),
        kernelSize: field(config, "kernel_size", 7),
        mlpRatio: field(config, "mlp_ratio", 4),
      }),
    }),
  ],
  [
    "SGE",
    (p, { x4, x1 }, config) => {
      const made = sge(p, x4!, x1!, {
        bottleneck: field(config, "bottleneck", 256),
        mid: field(config, "mid", 256),
        guidanceChannels: field(config, "guide_ch", 16),
      });
      return { edge_map: made.edge, guidance: made.guidance };
    },
  ],
  [
    "CondConv",
    (p, { x }, config) => ({
      y: condConv(p, x!, x!, {
        kernelSize: field(config, "kernel_size", 3),
        experts: field(config, "num_experts", 4),
        groups: field(config, "groups", 1),
        bias: config.includes('"bias": true'),
      }),
    }),
  ],
  [
    "DynamicConv",
    (p, { x }, config) => ({
      y: dynamicConv(p, x!, x!, {
        kernelSize: field(config, "kernel_size", 3),
        groups: field(config, "groups", 1),
        temperature: field(config, "temperature", 34),
      }),
    }),
  ],
  [
    "ODConv",
    (p, { x }, config) => ({
      y: odConv(p, x!, x!, {
        kernelSize: field(config, "kernel_size", 3),
        experts: field(config, "kernel_num", 4),
        groups: field(config, "groups", 1),
      }),
    }),
  ],
  [
    "involution",
    (p, { x }, config) => ({
      y: involution(p, x!, x!, {
        kernelSize: field(config, "kernel_size", 7),
        stride: field(config, "stride", 1),
      }),
    }),
  ],
  ["LSConv", (p, { x }) => ({ y: lsConv(p, x!, x!) })],
  ["SKA", (_p, { x, w }) => ({ y: smallKernelAggregation(x!, w!) })],
  ["ContMixBlock", (p, { x }, config) => ({ y: contMix(p, x!, contMixOptions(config)) })],
  [
    "ContMix DynamicConvBlock",
    (p, { x, h_x, h_r }, config) => {
      const first = config.includes('"is_first": true');
      const y = contMixContext(p, x!, h_x!, first ? null : h_r!, contMixOptions(config));
      if (config.includes('"is_last": true')) return { x: y };
      const [features, context] = split(y, 1, [x!.shape[1]!, h_x!.shape[1]!]) as [Value, Value];
      return { x: features, h_x: context };
    },
  ],
  ["res2net50-bottle2neck", (p, { 0: x }, config) => ({ 0: bottleneck(p, x!, config) })],
  ["res2net50-stem", (p, { 0: x }) => ({ 0: res2netStem(p, x!) })],
  [
    "cto-stitchvit-block",
    (p, { 0: x }, config) => {
      // stride=[(4,4),(2,2)]: pairs of equal numbers.
      const strides = numbers(/\[(.*)\]/.exec(config)?.[1] ?? "").filter((_, i) => i % 2 === 0);
      return { 0: stitchVit(p, x!, { strides, variant: "released" }) };
    },
  ],
  [
    "cto-patchvit-block",
    (p, { 0: x }, config) => {
      const strides = numbers(/\[(.*)\]/.exec(config)?.[1] ?? "").filter((_, i) => i % 2 === 0);
      return { 0: stitchVit(p, x!, { strides, variant: "windows" }) };
    },
  ],
  ["cto-sobel", (p, { 0: x }) => ({ 0: sobelWeighting([p.at("sobel_x"), p.at("sobel_y")], x!) })],
  [
    "cto-dahead",
    (p, { 0: x }, config) => ({ 0: dualAttention(p, x!, numbers(config)[1]!, { dropoutRate: 0 }) }),
  ],
  ["cto-dm", (p, { 0: skip, 1: deeper }) => ({ 0: reverseAttention(p, skip!, deeper!) })],
  [
    "cto-conv1x1",
    (p, { 0: x }, config) => ({ 0: reduce(p, x!, Number(/\((\d+),(\d+)\)/.exec(config)?.[2])) }),
  ],
  ["unet-milesial-double-conv", (p, { 0: x }) => ({ 0: doubleConv(p, x!, 8, 6) })],
  ["unet-milesial-down", (p, { 0: x }) => ({ 0: down(p, x!, 8) })],
  ["unet-milesial-up-transposed", (p, { 0: x, 1: skip }) => ({ 0: up(p, x!, skip!, 8, false) })],
  ["unet-milesial-up-bilinear", (p, { 0: x, 1: skip }) => ({ 0: up(p, x!, skip!, 8, true) })],
  ["unet-lee-conv-block", (p, { 0: x }) => ({ 0: leeConv(p, x!, 8) })],
  ["attunet-gate", (p, { 0: gating, 1: skip }) => ({ 0: attentionGate(p, gating!, skip!, 4) })],
  [
    "attunet-decoder-stage",
    (p, { 0: deeper, 1: skip }) => {
      const up = leeUp(p.at("Up"), deeper!, 8);
      const gated = attentionGate(p.at("Att"), up, skip!, 4);
      return { 0: leeConv(p.at("Up_conv"), concat([gated, up], 1), 8) };
    },
  ],
  ["unet-lee-up-conv", (p, { 0: x }) => ({ 0: leeUp(p, x!, 4) })],
  [
    "transunet-resnetv2-unit",
    (p, { 0: x }, config) => {
      const [, channels = 1, planes = 1, stride = 1] = numbers(config);
      return { 0: resNetV2Unit(p, x!, channels, { planes, stride, groups: 32 }) };
    },
  ],
  [
    "transunet-resnetv2-root",
    (p, { 0: x }) => {
      const { root, pooled } = resNetV2Root(p, x!, 32, 32);
      const options = { planes: 32, stride: 1, groups: 32 };
      return { 0: root, 1: resNetV2Unit(p.at("block1.unit1"), pooled, 128, options) };
    },
  ],
  ["transunet-vit-block", (p, { 0: x }) => ({ 0: transformerBlock(p, x!, SMALL_TRANSFORMER) })],
  [
    "transunet-vit-encoder",
    (p, { 0: x }) => ({ 0: transformerEncoder(p, x!, 2, SMALL_TRANSFORMER) }),
  ],
  ["transunet-decoder-block", (p, { 0: x, 1: skip }) => ({ 0: upBlock(p, x!, skip!, 8) })],
  [
    "levit-attention-subsample",
    (p, { 0: x }) => {
      const options = { heads: 4, keyChannels: 8, ratio: 4, table: [4, 4] as const };
      return { 0: toTokens(levitDownsampling(p, toMap(x!), 48, options)) };
    },
  ],
  [
    "levit-attention",
    (p, { 0: x }) => {
      const options = { heads: 4, keyChannels: 8, ratio: 2, table: [4, 4] as const };
      return { 0: toTokens(attention(p, toMap(x!), options)) };
    },
  ],
  ["levit-mlp-residual", (p, { 0: x }) => ({ 0: toTokens(levitFeedForward(p, toMap(x!), 32, 0)) })],
  [
    "levit-conv-bn",
    (p, { 0: x }) => {
      const y = conv2d(p.at("0.c"), x!, 8, { kernel: 3, stride: 2, padding: 1, bias: false });
      return { 0: hardswish(batchNorm2d(p.at("0.bn"), y)) };
    },
  ],
  ["unetv2-channel-attention", (p, { 0: x }) => ({ 0: channelGate(p, x!) })],
  ["unetv2-spatial-attention", (p, { 0: x }) => ({ 0: spatialGate(p, x!) })],
  [
    "unetv2-skip-branch",
    (p, { 0: x }) => {
      const gated = mul(channelGate(p.at("ca"), x!), x!);
      return { 0: translate(p.at("tr"), mul(spatialGate(p.at("sa"), gated), gated), 8) };
    },
  ],
  [
    "unetv2-sdi",
    (p, { 0: f1, 1: f2, 2: f3, 3: f4 }) => {
      const levels: Pyramid = [f1!, f2!, f3!, f4!];
      return { 0: infuse(p, levels, f2!) };
    },
  ],
  [
    "unetv2-pvt-patch-embed",
    (p, { 0: x }) => ({ 0: overlapPatchEmbedding(p, x!, 16, { kernel: 7, stride: 4 }).tokens }),
  ],
  [
    "unetv2-pvt-block",
    (p, { 0: x }, config) => {
      const named = (name: string): number =>
        Number(new RegExp(`\\b${name} (\\d+)`).exec(config)?.[1]);
      const options = { heads: named("heads"), mlpRatio: named("mlp"), reduction: named("sr") };
      const [, height, width] = /(\d+)x(\d+) map/.exec(config)!.map(Number);
      return { 0: pvtBlock(p, x!, [height!, width!], { ...options, dropPathRate: 0 }) };
    },
  ],
  ["vmunetv2-patch-embed", (p, { 0: x }) => ({ 0: patchEmbedding(p, x!, 8) })],
  ["vmunetv2-patch-merging", (p, { 0: x }) => ({ 0: patchMerging(p, x!) })],
  ["vmunetv2-vssblock", (p, { 0: x }) => ({ 0: stateSpaceBlock(p, x!) })],
  ["vmunetv2-selective-scan", (_p, inputs) => ({ 0: publishedScan(inputs) })],
];

const SMALL_TRANSFORMER = { heads: 4, hidden: 64, dropoutRate: 0 };

/** Tokens of a square map, [N, T, C], as [N, C, H, W], and back. */
function toMap(tokens: Value): Value {
  const [n = 1, t = 1, c = 1] = tokens.shape;
  const side = Math.sqrt(t);
  return reshape(transpose(tokens, [0, 2, 1]), [n, c, side, side]);
}
function toTokens(map: Value): Value {
  const [n = 1, c = 1, height = 1, width = 1] = map.shape;
  return transpose(reshape(map, [n, c, height * width]), [0, 2, 1]);
}

/** The builder of a module, or null for modules that sgdc does not have. */
export const builderOf = (module: string): Build | null =>
  builders.find(([name]) => module === name || module.startsWith(`${name}-`))?.[1] ?? null;

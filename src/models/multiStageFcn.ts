/** Several FCN-8s in a chain, each correcting the one before: an interpretation of Bi et al. 2017. */
import { z } from "zod";
import type { Value } from "../graph/value.ts";
import { conv2d, conv3x3 } from "../nn/conv.ts";
import { dropout } from "../nn/layers.ts";
import { batchNorm2d } from "../nn/norm.ts";
import { block, type Scope } from "../nn/scope.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { maxPool2d } from "../ops/maxPool2d.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { resizeBilinear } from "../ops/resizeBilinear.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";

const multiStageFcnOptions = z.strictObject({
  stages: z.int().min(1).max(8).exactOptional().describe("FCNs in the chain (default: 3)"),
  channels: z
    .int()
    .min(1)
    .exactOptional()
    .describe("channels of the first convolutions (default: 64)"),
  hidden: z
    .int()
    .min(1)
    .exactOptional()
    .describe("channels of the two layers on the deepest map (default: 4096)"),
});

export type MultiStageFcnOptions = z.output<typeof multiStageFcnOptions> & {
  readonly classes?: number;
};

/** VGG-16: convolutions of each level, and their channels as multiples of the first. */
const LEVELS = [
  [2, 1],
  [2, 2],
  [3, 4],
  [3, 8],
  [3, 8],
] as const;

/**
 * Stage 1 sees the image, stage s the image and the probability of stage s - 1. The logits are the mean of all stages'; each stage is
 * an auxiliary prediction, so that all are trained at once.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32
 * @see Bi et al. 2017 (IEEE TBME 64(9)), which tells neither the number of stages, nor how its results are joined
 */
export const multiStageFcn = block(
  (p: Scope, x: Value, options: MultiStageFcnOptions = {}): NetworkOutputs => {
    const { stages = 3, channels = 64, hidden = 4096, classes = 1 } = options;
    const all: Value[] = [];
    for (let stage = 1; stage <= stages; stage++) {
      const before = all.at(-1);
      const seen = before ? concat([x, sigmoid(before)], 1) : x;
      all.push(fcn8s(p.at(`stage${stage}`), seen, { channels, hidden, classes }));
    }
    const sum = all.reduce((a, b) => add(a, b));
    return { logits: mul(sum, scalar(1 / stages)), auxiliary: all };
  },
);

/**
 * FCN-8s on VGG-16's convolutions: scores of the deepest map and of those at 1/16 and 1/8 of the size, added coarse to fine. With
 * batch norm, since no weights are pretrained, and bilinear resizing in place of transposed convolutions that start as such.
 *
 * @returns  logits [N, classes, H, W]
 * @see Long et al. 2015
 */
const fcn8s = block(
  (
    p: Scope,
    x: Value,
    { channels, hidden, classes }: { channels: number; hidden: number; classes: number },
  ): Value => {
    const unit = (name: string, v: Value, width: number, kernel: number): Value => {
      const own = p.at(name);
      const bias = { bias: false };
      const made =
        kernel === 3
          ? conv3x3(own.at("conv"), v, width, bias)
          : conv2d(own.at("conv"), v, width, { ...bias, kernel, padding: (kernel - 1) / 2 });
      return relu(batchNorm2d(own.at("norm"), made));
    };
    const pools: Value[] = [];
    for (const [level, [count, times]] of LEVELS.entries()) {
      let y = pools.at(-1) ?? x;
      for (let i = 1; i <= count; i++) {
        y = unit(`conv${level + 1}_${i}`, y, channels * times, 3);
      }
      pools.push(maxPool2d(y, { kernel: 2, stride: 2 }));
    }
    const [, , pool3, pool4, pool5] = pools as [Value, Value, Value, Value, Value];
    const fc6 = dropout(p.at("drop6"), unit("fc6", pool5, hidden, 7), 0.5);
    const fc7 = dropout(p.at("drop7"), unit("fc7", fc6, hidden, 1), 0.5);
    const sizeOf = (v: Value): [number, number] => [v.shape[2]!, v.shape[3]!];
    const score = (name: string, v: Value): Value => conv2d(p.at(name), v, classes);
    const joined = (coarse: Value, name: string, v: Value): Value =>
      add(resizeBilinear(coarse, sizeOf(v)), score(name, v));
    const deep = joined(score("score7", fc7), "score4", pool4);
    return resizeBilinear(joined(deep, "score3", pool3), sizeOf(x));
  },
);

export const multiStageFcnEntry = defineNetwork({
  name: "multi-stage-fcn",
  title: "Multi-stage FCN, our interpretation",
  source:
    "after Bi et al.: Dermoscopic Image Segmentation via Multi-Stage Fully Convolutional Networks (IEEE TBME 2017), whose parts are not all known; FCN-8s of Long et al. 2015",
  options: multiStageFcnOptions,
  sizes: {
    public: {},
    // At 128 x 128 the multiply-accumulates of SGD-Net's compact, within 10 %.
    compact: { channels: 8, hidden: 256 },
  },
  // Five halvings must come out whole.
  sides: { multipleOf: 32, least: 64 },
  heads: ["auxiliary"],
  trace: multiStageFcn,
});

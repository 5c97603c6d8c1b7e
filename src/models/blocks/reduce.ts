/** Channel reduction between encoder and decoder. */
import type { Value } from "../../graph/value.ts";
import { conv2d } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { relu } from "../../ops/relu.ts";

/** ReLU(BN(Conv1 x)), the convolution with bias. @returns [N, channels, H, W] */
export const reduce = block((p: Scope, x: Value, channels: number): Value =>
  relu(batchNorm2d(p.at("bn"), conv2d(p.at("conv"), x, channels))),
);

/** Dual attention: among positions and among channels. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { dropout } from "../../nn/layers.ts";
import { zeros } from "../../nn/init.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { rowMax } from "../../ops/rowMax.ts";
import { softmax } from "../../ops/softmax.ts";
import { sub } from "../../ops/sub.ts";
import { transposeLast2 } from "../../ops/transpose.ts";

export interface DualAttentionOptions {
  /** Share of the summed features dropped while training. Default 0.1. */
  readonly dropoutRate?: number;
}

/**
 * out = Conv1(dropout(Conv3(position(Conv3 x)) + Conv3(channel(Conv3 x)))), a quarter of the channels wide inside.
 *
 * @param x         [N, C, H, W]; C divisible by 32
 * @param channels  of the result
 * @returns         [N, channels, H, W]
 * @see Fu et al. 2019, DANet
 */
export const dualAttention = block(
  (p: Scope, x: Value, channels: number, options: DualAttentionOptions = {}): Value => {
    const inner = x.shape[1]! / 4;
    p.order("conv_p1", "conv_c1", "pam", "cam", "conv_p2", "conv_c2", "out");
    const narrow = (name: string, v: Value): Value => {
      const y = conv3x3(p.at(`${name}.0`), v, inner, { bias: false });
      return relu(batchNorm2d(p.at(`${name}.1`), y));
    };
    const positions = narrow("conv_p2", positionAttention(p.at("pam"), narrow("conv_p1", x)));
    const channelwise = narrow("conv_c2", channelAttention(p.at("cam"), narrow("conv_c1", x)));
    const both = dropout(p.at("out.0"), add(positions, channelwise), options.dropoutRate ?? 0.1);
    return conv2d(p.at("out.1"), both, channels);
  },
);

/** Y = alpha D softmax(B^T C)^T + X over all pairs of positions, without scaling; alpha starts at 0. */
const positionAttention = block((p: Scope, x: Value): Value => {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  p.order("alpha", "conv_b", "conv_c", "conv_d");
  const flat = (v: Value): Value => reshape(v, [n, v.shape[1]!, height * width]);
  const b = flat(conv2d(p.at("conv_b"), x, c / 8));
  const k = flat(conv2d(p.at("conv_c"), x, c / 8));
  const d = flat(conv2d(p.at("conv_d"), x, c));
  const weights = softmax(matmul(transposeLast2(b), k));
  const mixed = reshape(matmul(d, transposeLast2(weights)), x.shape);
  return add(mul(mixed, p.parameter("alpha", [1], zeros)), x);
});

/** Y = beta softmax(rowmax(E) - E) X + X with E = X X^T over channels; beta starts at 0. */
const channelAttention = block((p: Scope, x: Value): Value => {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const flat = reshape(x, [n, c, height * width]);
  const energy = matmul(flat, transposeLast2(flat));
  const weights = softmax(sub(rowMax(energy), energy));
  const mixed = reshape(matmul(weights, flat), x.shape);
  return add(mul(mixed, p.parameter("beta", [1], zeros)), x);
});

/** The encoder of a vision transformer. */
import type { Value } from "../../graph/value.ts";
import { dense } from "../../nn/dense.ts";
import { normal, xavierUniform } from "../../nn/init.ts";
import { dropout } from "../../nn/layers.ts";
import { layerNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { gelu } from "../../ops/gelu.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { softmax } from "../../ops/softmax.ts";
import { transpose, transposeLast2 } from "../../ops/transpose.ts";

export interface TransformerOptions {
  /** Heads of the attention; a divisor of the channels. */
  readonly heads: number;
  /** Channels inside the feed-forward part. */
  readonly hidden: number;
  /** Share dropped in the feed-forward part while training. Default 0.1. */
  readonly dropoutRate?: number;
}

/**
 * `layers` blocks, then layer norm.
 *
 * @param x  [N, T, C], T tokens
 * @returns  [N, T, C]
 * @see Dosovitskiy et al. 2021
 */
export const transformerEncoder = block(
  (p: Scope, x: Value, layers: number, options: TransformerOptions): Value => {
    let y = x;
    for (let i = 0; i < layers; i++) y = transformerBlock(p.at(`layer.${i}`), y, options);
    return layerNorm(p.at("encoder_norm"), y, { eps: 1e-6 });
  },
);

/**
 * y = x + attention(LN(x)); y + feedForward(LN(y)).
 *
 * @param x  [N, T, C]
 * @returns  [N, T, C]
 */
export const transformerBlock = block((p: Scope, x: Value, options: TransformerOptions): Value => {
  const { hidden, dropoutRate = 0.1 } = options;
  const c = x.shape[2]!;
  p.order("attention_norm", "ffn_norm", "ffn", "attn");
  const normal = layerNorm(p.at("attention_norm"), x, { eps: 1e-6 });
  const y = add(x, selfAttention(p.at("attn"), normal, options.heads));

  const init = { weightInit: xavierUniform(c, hidden), biasInit: SMALL };
  let inner = layerNorm(p.at("ffn_norm"), y, { eps: 1e-6 });
  inner = gelu(dense(p.at("ffn.fc1"), inner, hidden, init));
  inner = dropout(p.at("ffn.dropout1"), inner, dropoutRate);
  inner = dense(p.at("ffn.fc2"), inner, c, init);
  return add(y, dropout(p.at("ffn.dropout2"), inner, dropoutRate));
});

const SMALL = normal(1e-6);

/** Softmax(Q K^T / sqrt(channels of a head)) V for each head, then a dense layer. */
const selfAttention = block((p: Scope, x: Value, heads: number): Value => {
  const [n = 1, tokens = 1, c = 1] = x.shape;
  const perHead = (name: string): Value =>
    transpose(reshape(dense(p.at(name), x, c), [n, tokens, heads, c / heads]), [0, 2, 1, 3]);
  const [query, key, value] = [perHead("query"), perHead("key"), perHead("value")];
  const scores = mul(matmul(query, transposeLast2(key)), scalar(1 / Math.sqrt(c / heads)));
  const mixed = transpose(matmul(softmax(scores), value), [0, 2, 1, 3]);
  return dense(p.at("out"), reshape(mixed, [n, tokens, c]), c);
});

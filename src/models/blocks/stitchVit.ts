/** CTO's transformer block: attention among interleaved sub-images (StitchViT) or among windows, at several sizes. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { leakyRelu } from "../../ops/leakyRelu.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { transpose, transposeLast2 } from "../../ops/transpose.ts";
import { ShapeError } from "../../base/errors.ts";

export interface StitchVitOptions {
  /**
   * Stride of each channel group, and so the number of groups; the side of its windows for `windows`. One that does not divide the
   * map is halved until it does (16 becomes 8 on the 24 x 24 map of a 96 x 96 image): the weights do not depend on it. Default
   * [16, 8, 4, 2], for windows [32, 16, 8, 4].
   */
  readonly strides?: readonly number[];
  /**
   * `released`: the sub-image (i, j) comes back as the contiguous tile (i, j), so that the residual sum mixes places, as in
   * the published code. `corrected`: each pixel returns to its place. `windows`: a token is a contiguous window, and returns to its
   * place (CTO before StitchViT). Default `released`.
   */
  readonly variant?: Variant;
}

type Variant = "released" | "corrected" | "windows";

/**
 * One transformer block: y = x + attention(x); y + feedForward(y). No positional code, no layer norm.
 *
 * @param x  [N, C, H, W]; C divisible by the number of strides
 * @returns  [N, C, H, W]
 * @see CTO (Lin et al. 2023), StitchViT; code xiaofang007/CTO
 */
export const stitchVit = block((p: Scope, x: Value, options: StitchVitOptions = {}): Value => {
  const y = add(x, stitchAttention(p.at("attention"), x, options));

  // Feed-forward: two 3 x 3 convolutions, the first with dilation 2.
  const c = x.shape[1]!;
  let hidden = conv3x3(p.at("feed_forward.conv.0"), y, c, { dilation: 2 });
  hidden = leakyRelu(batchNorm2d(p.at("feed_forward.conv.1"), hidden), 0.2);
  hidden = conv3x3(p.at("feed_forward.conv.3"), hidden, c);
  hidden = leakyRelu(batchNorm2d(p.at("feed_forward.conv.4"), hidden), 0.2);
  return add(y, hidden);
});

const stitchAttention = block((p: Scope, x: Value, options: StitchVitOptions): Value => {
  const { variant = "released" } = options;
  const { strides = variant === "windows" ? [32, 16, 8, 4] : [16, 8, 4, 2] } = options;
  const [, c = 1] = x.shape;
  p.order("query_embedding", "value_embedding", "key_embedding", "output_linear");
  if (c % strides.length !== 0) {
    throw new ShapeError(`stitchVit: ${strides.length} groups must divide the channels, got ${c}`);
  }
  const sizes = strides.map(() => c / strides.length);
  const query = split(conv2d(p.at("query_embedding"), x, c), 1, sizes);
  const key = split(conv2d(p.at("key_embedding"), x, c), 1, sizes);
  const value = split(conv2d(p.at("value_embedding"), x, c), 1, sizes);

  // Each group attends over its stride x stride sub-images or its windows, one token each.
  const groups = strides.map((wanted, i) => {
    const stride = fittingStride(wanted, x);
    const [q, k, v] = [query[i]!, key[i]!, value[i]!].map((part) =>
      toTokens(part, stride, variant),
    ) as [Value, Value, Value];
    const scores = mul(matmul(q, transposeLast2(k)), scalar(1 / Math.sqrt(q.shape[2]!)));
    return fromTokens(matmul(softmax(scores), v), x, stride, variant);
  });
  const mixed = conv3x3(p.at("output_linear.0"), concat(groups, 1), c);
  return leakyRelu(batchNorm2d(p.at("output_linear.1"), mixed), 0.2);
});

/** The stride, halved until it divides both sides of the map. */
function fittingStride(wanted: number, x: Value): number {
  const [, , height = 1, width = 1] = x.shape;
  let stride = wanted;
  while (stride > 1 && (height % stride !== 0 || width % stride !== 0))
    stride = Math.floor(stride / 2);
  return stride;
}

/**
 * [N, C, H, W] -> [N, s s, C H/s W/s]: token (i, j) holds all pixels with row = i mod s and column = j mod s; for `windows`
 * [N, H/s W/s, C s s], token (i, j) the j-th window of the i-th row of windows.
 */
function toTokens(x: Value, stride: number, variant: Variant): Value {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const [h, w] = [height / stride, width / stride];
  const grid = reshape(x, [n, c, h, stride, w, stride]);
  return variant === "windows"
    ? reshape(transpose(grid, [0, 2, 4, 1, 3, 5]), [n, h * w, c * stride * stride])
    : reshape(transpose(grid, [0, 3, 5, 1, 2, 4]), [n, stride * stride, c * h * w]);
}

/** The way back: pixels to their places (`corrected`, `windows`), or tokens as tiles (`released`). */
function fromTokens(tokens: Value, like: Value, stride: number, variant: Variant): Value {
  const [n = 1, , height = 1, width = 1] = like.shape;
  const [h, w] = [height / stride, width / stride];
  const c = (tokens.shape[1]! * tokens.shape[2]!) / (height * width);
  // [n, i, j, c, y, x] -> rows i y and columns j x (tiles, windows), or rows y i and columns x j (interleaved)
  const size = variant === "windows" ? [h, w, c, stride, stride] : [stride, stride, c, h, w];
  const order = variant === "corrected" ? [0, 3, 4, 1, 5, 2] : [0, 3, 1, 4, 2, 5];
  return reshape(transpose(reshape(tokens, [n, ...size]), order), [n, c, height, width]);
}

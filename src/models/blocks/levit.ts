/** LeViT's blocks: attention with learned biases by distance, and feed-forward parts, batch-normalised, on maps. */
import { constant, type Value } from "../../graph/value.ts";
import { torchDefault, zeros } from "../../nn/init.ts";
import { dropPath } from "../../nn/layers.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { avgPool2d } from "../../ops/avgPool2d.ts";
import { conv2d as convolve } from "../../ops/conv2d.ts";
import { hardswish } from "../../ops/hardswish.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { scalar } from "../../ops/scalar.ts";
import { split } from "../../ops/slice.ts";
import { softmax } from "../../ops/softmax.ts";
import { transpose, transposeLast2 } from "../../ops/transpose.ts";
import { full, tensor } from "../../tensor/tensor.ts";

export interface LevitAttentionOptions {
  readonly heads: number;
  /** Channels of a key of one head. */
  readonly keyChannels: number;
  /** Channels of a value, as a multiple of those of a key. */
  readonly ratio: number;
  /** Height and width of the map that the table of biases is made for; for others it is resized, corners on corners. */
  readonly table: readonly [number, number];
}

/**
 * BN(X W^T), PyTorch's Linear without bias and BatchNorm1d over all tokens. Tokens stay a map here, on which the two are a 1 x 1
 * convolution and BatchNorm2d, with the parameters of the published module: `c.weight` [K, C] and `bn`.
 *
 * @param x      [N, C, H, W]
 * @param scale  initial scale of the batch norm
 * @returns      [N, channels, H, W]
 */
export const linearBn = block((p: Scope, x: Value, channels: number, scale: number): Value => {
  const c = x.shape[1]!;
  const weight = p.parameter("c.weight", [channels, c], torchDefault(c));
  const kernel = asShape(weight, [channels, c, 1, 1]);
  return batchNorm2d(p.at("bn"), convolve(x, kernel), { scale });
});

/** The value under another shape; a constant stays one, so that batch norm can be folded into it. */
const asShape = (value: Value, shape: readonly number[]): Value =>
  value.source.kind === "constant"
    ? constant({ ...value.source.tensor, shape })
    : reshape(value, shape);

/**
 * Y = X + BN(hardswish(A) W^T), A = softmax(Q K^T / sqrt(key channels) + B) V for each head, B learned for each distance of rows
 * and columns. The last batch norm starts at 0, and so does the branch.
 *
 * @param x         [N, C, H, W]
 * @param dropRate  share of images for which the branch is dropped while training
 * @returns         [N, C, H, W]
 * @see Graham et al. 2021, LeViT; code apple1986/LeViT-UNet
 */
export const levitAttention = block(
  (p: Scope, x: Value, options: LevitAttentionOptions, dropRate: number): Value =>
    add(x, dropPath(p, attention(p.at("m"), x, options), dropRate)),
);

/** The branch of `levitAttention`. */
export const attention = block((p: Scope, x: Value, options: LevitAttentionOptions): Value => {
  const { heads, keyChannels: d, ratio } = options;
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const bias = distanceBias(p, options, [height, width], 1);
  const joint = linearBn(p.at("qkv"), x, heads * d * (2 + ratio), 1);
  const parts = reshape(joint, [n, heads, d * (2 + ratio), height * width]);
  const [query, key, value] = split(parts, 2, [d, d, ratio * d]) as [Value, Value, Value];
  const mixed = attend(query, key, value, bias);
  const map = reshape(mixed, [n, heads * ratio * d, height, width]);
  return linearBn(p.at("proj.1"), hardswish(map), c, 0);
});

/**
 * Attention that halves the map: queries come from every second row and column. Without residual.
 *
 * @param x         [N, C, H, W]
 * @param channels  of the result
 * @returns         [N, channels, (H - 1) / 2 + 1, likewise], rounded down
 */
export const levitDownsampling = block(
  (p: Scope, x: Value, channels: number, options: LevitAttentionOptions): Value => {
    const { heads, keyChannels: d, ratio } = options;
    const [n = 1, , height = 1, width = 1] = x.shape;
    const [h, w] = [Math.floor((height - 1) / 2) + 1, Math.floor((width - 1) / 2) + 1];
    const bias = distanceBias(p, options, [height, width], 2);
    const joint = linearBn(p.at("kv"), x, heads * d * (1 + ratio), 1);
    const parts = reshape(joint, [n, heads, d * (1 + ratio), height * width]);
    const [key, value] = split(parts, 2, [d, ratio * d]) as [Value, Value];
    const sampled = everySecond(x);
    const query = reshape(linearBn(p.at("q.1"), sampled, heads * d, 1), [n, heads, d, h * w]);
    const map = reshape(attend(query, key, value, bias), [n, heads * ratio * d, h, w]);
    return linearBn(p.at("proj.1"), hardswish(map), channels, 1);
  },
);

/**
 * Y = X + BN(hardswish(BN(X W1^T)) W2^T), the last batch norm starting at 0.
 *
 * @param x       [N, C, H, W]
 * @param hidden  channels inside
 */
export const levitFeedForward = block(
  (p: Scope, x: Value, hidden: number, dropRate: number): Value => {
    const inner = hardswish(linearBn(p.at("m.0"), x, hidden, 1));
    return add(x, dropPath(p, linearBn(p.at("m.2"), inner, x.shape[1]!, 0), dropRate));
  },
);

/** softmax(Q^T K / sqrt(d) + bias), then V times its transpose. @param q [N, heads, d, Q] @returns [N, heads, v, Q] */
function attend(q: Value, k: Value, v: Value, bias: Value): Value {
  const scores = mul(matmul(transposeLast2(q), k), scalar(1 / Math.sqrt(q.shape[2]!)));
  return matmul(v, transposeLast2(softmax(add(scores, bias))));
}

/** Every second row and column, from the first: a mean over windows of one pixel. */
function everySecond(x: Value): Value {
  return avgPool2d(x, { kernel: 1, stride: 2 });
}

/**
 * Biases [heads, Q, K] of queries (y, x), every `step`-th place, and keys (y', x'): the learned table at |step y - y'| and
 * |step x - x'|.
 *
 * The table [heads, rows columns] is read along columns, then along rows, each time as a product with a constant matrix of zeros and
 * ones, whose gradient is a product too.
 */
function distanceBias(
  p: Scope,
  { heads, table: [rows, columns] }: LevitAttentionOptions,
  [height, width]: readonly [number, number],
  step: number,
): Value {
  const learned = p.parameter("attention_biases", [heads, rows * columns], zeros);
  const table = resizeBilinear(reshape(learned, [1, heads, rows, columns]), [height, width], {
    alignCorners: true,
  });
  const [h, w] = [Math.floor((height - 1) / step) + 1, Math.floor((width - 1) / step) + 1];
  // [heads, dy, dx] -> [heads, dy, x x'] -> [heads, x x', dy] -> [heads, x x', y y']
  const byColumn = matmul(reshape(table, [heads, height, width]), distances(width, w, step));
  const byBoth = matmul(transposeLast2(byColumn), distances(height, h, step));
  const grid = reshape(byBoth, [heads, w, width, h, height]);
  return reshape(transpose(grid, [0, 3, 1, 4, 2]), [heads, h * w, height * width]);
}

/** M[d, (i, j)] = 1 where |step i - j| = d, else 0; [size, queries size]. */
function distances(size: number, queries: number, step: number): Value {
  const { data } = full([size * queries * size], 0);
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < size; j++) {
      data[Math.abs(step * i - j) * queries * size + i * size + j] = 1;
    }
  }
  return constant(tensor([size, queries * size], data));
}

/** Normalisation layers. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { batchMoments, batchNorm2d as normalise } from "../ops/batchNorm2d.ts";
import { concat } from "../ops/concat.ts";
import { div } from "../ops/div.ts";
import { layerNorm as normaliseRows } from "../ops/layerNorm.ts";
import { mul } from "../ops/mul.ts";
import { reshape } from "../ops/reshape.ts";
import { scalar } from "../ops/scalar.ts";
import { slice } from "../ops/slice.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import { mean } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { sizeOf } from "../tensor/shape.ts";
import { ArgumentError } from "../base/errors.ts";
import { foldBatchNorm } from "./foldBatchNorm.ts";
import { ones, zeros } from "./init.ts";
import { block, type Scope } from "./scope.ts";

/**
 * Batch normalisation with trained `weight` and `bias` and running statistics, as PyTorch's BatchNorm2d.
 *
 * Training: normalises with the batch's mean and biased variance; running = (1 - momentum) running + momentum batch, where
 * the batch's variance is the unbiased one (n / (n - 1)). Otherwise: normalises with the running statistics; where
 * these are constants, they are folded into the convolution before.
 *
 * @param x      [N, C, H, W]
 * @param scale  initial `weight`. Default 1.
 * @returns      [N, C, H, W]
 * @throws {ArgumentError} in training, if there is one value a channel: its variance is nothing to divide by.
 * @see Ioffe and Szegedy 2015
 */
export const batchNorm2d = block(
  (p: Scope, x: Value, { eps = 1e-5, momentum = 0.1, scale = 1 } = {}): Value => {
    const [n = 1, c = 1, height = 1, width = 1] = x.shape;
    const gamma = p.parameter("weight", [c], { kind: "constant", value: scale });
    const beta = p.parameter("bias", [c], zeros);
    const runningMean = p.buffer("running_mean", [c], zeros);
    const variance = p.buffer("running_var", [c], ones);
    if (!p.training) {
      const folded = foldBatchNorm(x, { gamma, beta, mean: runningMean, variance, eps });
      if (folded) return folded;
      const running = concat([reshape(runningMean, [1, c]), reshape(variance, [1, c])], 0);
      return normalise(x, running, gamma, beta, { eps, trained: false });
    }

    const count = n * height * width;
    if (count < 2) {
      throw new ArgumentError(
        `batch norm at ${p.path}: training needs more than one value a channel, got a batch of ${n} and a map of ${height} x ${width}; use a larger batch or image`,
      );
    }
    const moments = batchMoments(x);
    const blend = (row: number, correction: number) => ({
      decay: 1 - momentum,
      fresh: mul(reshape(slice(moments, 0, row, row + 1), [c]), scalar(momentum * correction)),
    });
    p.update("running_mean", blend(0, 1));
    p.update("running_var", blend(1, count / (count - 1)));
    return normalise(x, moments, gamma, beta, { eps, trained: true });
  },
);

/**
 * Layer normalisation over channels, with trained `weight` and `bias`.
 *
 * @param x  [..., C], channels last
 * @returns  [..., C]
 */
export const layerNorm = block((p: Scope, x: Value, { eps = 1e-6 } = {}): Value => {
  const c = x.shape.at(-1)!;
  return normaliseRows(x, p.parameter("weight", [c], ones), p.parameter("bias", [c], zeros), eps);
});

/**
 * Group normalisation: each group of C / groups neighbouring channels of an image is brought to mean 0 and variance 1 (the biased
 * one) over channels and pixels, then scaled and shifted by channel.
 *
 * @param x       [N, C, H, W]
 * @param groups  a divisor of C
 * @returns       [N, C, H, W]
 * @throws {ArgumentError} if `groups` does not divide C.
 * @see Wu and He 2018
 */
export const groupNorm = block((p: Scope, x: Value, groups: number, { eps = 1e-5 } = {}): Value => {
  const [n = 1, c = 1] = x.shape;
  if (c % groups !== 0) {
    throw new ArgumentError(
      `group norm at ${p.path}: groups must divide the channels, got ${groups} and ${c}`,
    );
  }
  const flat = reshape(x, [n, groups, sizeOf(x.shape) / (n * groups)]);
  const centred = sub(flat, mean(flat, [2], true));
  const variance = mean(mul(centred, centred), [2], true);
  const normal = reshape(div(centred, sqrt(add(variance, scalar(eps)))), x.shape);
  const perChannel = [c, ...x.shape.slice(2).map(() => 1)];
  const gamma = reshape(p.parameter("weight", [c], ones), perChannel);
  return add(mul(normal, gamma), reshape(p.parameter("bias", [c], zeros), perChannel));
});

/**
 * Layer normalisation over the channels of every pixel of a channels-first map.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, C, H, W]
 */
export const layerNorm2d = (p: Scope, x: Value, options: { eps?: number } = {}): Value =>
  transpose(layerNorm(p, transpose(x, [0, 2, 3, 1]), options), [0, 3, 1, 2]);

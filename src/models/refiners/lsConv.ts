/** LSConv of LSNet: kernels of 3 x 3 for every pixel, made by seeing 7 x 7. */
import type { Value } from "../../graph/value.ts";
import { conv2d, type ConvOptions } from "../../nn/conv.ts";
import { batchNorm2d, groupNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { ArgumentError } from "../../base/errors.ts";
import { add } from "../../ops/add.ts";
import { dynamicConv2d } from "../../ops/dynamicConv2d.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { transpose } from "../../ops/transpose.ts";

/** Side of the small kernel and of what its making sees; channels that share a kernel. Fixed in the public code. */
const SMALL = 3;
const LARGE = 7;
const SHARED = 8;

/**
 * Y = BN(SKA(X, LKP(context))) + X.
 *
 * @param x        [N, C, H, W]; C divisible by 8
 * @param context  what the kernels are made from, [N, C, H, W]: x itself as published
 * @returns        [N, C, H, W]
 * @throws {ArgumentError} if 8 does not divide the channels.
 * @see Wang et al. 2025 (LSNet); names as in jameslahm/lsnet
 */
export const lsConv = block((p: Scope, x: Value, context: Value): Value => {
  const c = x.shape[1]!;
  if (c % SHARED !== 0) {
    throw new ArgumentError(
      `lsConv at ${p.path}: channels must be a multiple of ${SHARED}, got ${c}`,
    );
  }
  const kernels = largeKernelPerception(p.at("lkp"), context, c);
  return add(batchNorm2d(p.at("bn"), smallKernelAggregation(x, kernels)), x);
});

/** LKP: [N, C, H, W] to kernels [N, C / 8, 9, H, W]; the taps of a kernel are normalised together over all pixels. */
function largeKernelPerception(p: Scope, x: Value, channels: number): Value {
  const [n = 1, , height = 1, width = 1] = x.shape;
  const half = channels / 2;
  const conv = (name: string, v: Value, options: ConvOptions = {}): Value => {
    const y = conv2d(p.at(`${name}.c`), v, half, { bias: false, ...options });
    return batchNorm2d(p.at(`${name}.bn`), y);
  };
  let t = relu(conv("cv1", x));
  t = conv("cv2", t, { kernel: LARGE, padding: (LARGE - 1) / 2, groups: half });
  t = relu(conv("cv3", t));
  const kernels = channels / SHARED;
  const taps = SMALL * SMALL;
  const made = conv2d(p.at("cv4"), t, kernels * taps);
  return reshape(groupNorm(p.at("norm"), made, kernels), [n, kernels, taps, height, width]);
}

/**
 * SKA: Y[c, p] = sum over taps t of K[c mod m, t, p] X[c, p + t], zeros outside: channels share kernels interleaved.
 *
 * @param x        [N, C, H, W]
 * @param kernels  [N, m, k k, H, W]; m a divisor of C
 * @returns        [N, C, H, W]
 */
export function smallKernelAggregation(x: Value, kernels: Value): Value {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const m = kernels.shape[1]!;
  // Channel j m + i has kernel i: with i first, the channels of a kernel are neighbours.
  const grouped = transpose(reshape(x, [n, c / m, m, height, width]), [0, 3, 4, 2, 1]);
  const y = dynamicConv2d(
    reshape(grouped, [n, height, width, c]),
    transpose(kernels, [0, 3, 4, 1, 2]),
  );
  const back = transpose(reshape(y, [n, height, width, m, c / m]), [0, 4, 3, 1, 2]);
  return reshape(back, [n, c, height, width]);
}

/** Convolution with a kernel of its own for every image, mixed from a few experts. */
import type { Value } from "../../graph/value.ts";
import { add } from "../../ops/add.ts";
import { conv2d } from "../../ops/conv2d.ts";
import { matmul } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { sizeOf } from "../../tensor/shape.ts";

/** Options of a convolution that mixes a few kernels. */
export interface MixedKernelOptions {
  /** Side of the kernel, odd. Default 3. */
  readonly kernelSize?: number;
  /** Kernels that are mixed. Default 4. */
  readonly experts?: number;
  /** Groups of channels that do not mix. Default 1. */
  readonly groups?: number;
}

/** The same, where a softmax mixes them. */
export interface TemperedKernelOptions extends MixedKernelOptions {
  /**
   * What the logits of all attentions are divided by. The public codes lower it over the epochs, DynamicConv from 34 to 1 and ODConv
   * from 30 to 1; here it is one number. Default 1.
   */
  readonly temperature?: number;
}

/**
 * Y[b, ...] = sum over e of R[b, e] W[e, ...]: experts mixed anew for each image.
 *
 * @param weights  [N, E]
 * @param experts  [E, ...]
 * @returns        [N, ...]
 */
export function mixExperts(weights: Value, experts: Value): Value {
  const [count = 1, ...rest] = experts.shape;
  const mixed = matmul(weights, reshape(experts, [count, sizeOf(rest)]));
  return reshape(mixed, [weights.shape[0]!, ...rest]);
}

/**
 * Each image convolved with its own kernels: one convolution, whose groups are the images.
 *
 * @param x        [N, C, H, W]
 * @param kernels  [N, K, C / groups, k, k]
 * @param bias     [N, K], or null
 * @returns        [N, K, H, W], for padding (k - 1) / 2
 */
export function convPerImage(
  x: Value,
  kernels: Value,
  bias: Value | null,
  { groups = 1, padding = 0 }: { readonly groups?: number; readonly padding?: number } = {},
): Value {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const [, k = 1, perGroup = 1, kh = 1, kw = 1] = kernels.shape;
  const images = reshape(x, [1, n * c, height, width]);
  const weights = reshape(kernels, [n * k, perGroup, kh, kw]);
  const y = conv2d(images, weights, null, { groups: n * groups, padding });
  const maps = reshape(y, [n, k, y.shape[2]!, y.shape[3]!]);
  return bias ? add(maps, reshape(bias, [n, k, 1, 1])) : maps;
}

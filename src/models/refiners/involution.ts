/** Involution: a kernel for every pixel, made from that pixel alone and shared by 16 channels. */
import type { Value } from "../../graph/value.ts";
import { conv2d } from "../../nn/conv.ts";
import { zeros } from "../../nn/init.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { ArgumentError } from "../../base/errors.ts";
import { avgPool2d } from "../../ops/avgPool2d.ts";
import { dynamicConv2d } from "../../ops/dynamicConv2d.ts";
import { expand } from "../../ops/expand.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { transpose } from "../../ops/transpose.ts";

export interface InvolutionOptions {
  /** Side of the kernel, odd. Default 7. */
  readonly kernelSize?: number;
  /** Default 1. */
  readonly stride?: number;
}

/** Channels that share a kernel, and the reduction inside; fixed in the public code. */
const GROUP = 16;
const REDUCTION = 4;

/**
 * Y[c, p] = sum over taps t of K[c div 16, t, p] X[c, p + t], zeros outside, K = Conv1(ReLU(BN(Conv1 context))): no softmax, no gate.
 *
 * @param x        [N, C, H, W]; C divisible by 16
 * @param context  what the kernels are made from, [N, D, H, W]: x itself as published
 * @returns        [N, C, H / stride, W / stride]
 * @throws {ArgumentError} if 16 does not divide the channels, or the stride the map.
 * @see Li et al. 2021; names as in d-li14/involution
 */
export const involution = block(
  (p: Scope, x: Value, context: Value, options: InvolutionOptions = {}): Value => {
    const { kernelSize: k = 7, stride = 1 } = options;
    const [n = 1, c = 1, height = 1, width = 1] = x.shape;
    if (c % GROUP !== 0 || height % stride !== 0 || width % stride !== 0) {
      throw new ArgumentError(
        `involution at ${p.path}: channels must be a multiple of ${GROUP} and sizes of the stride ${stride}, got ${c} channels at ${height} x ${width}`,
      );
    }
    const groups = c / GROUP;
    const [h, w] = [height / stride, width / stride];

    // The kernels, from the pixel itself (or the mean of the pixels that a stride skips).
    const pooled = stride > 1 ? avgPool2d(context, { kernel: stride }) : context;
    const options1 = { bias: false, init: "kaiming" } as const;
    const reduced = conv2d(p.at("conv1.conv"), pooled, c / REDUCTION, options1);
    const hidden = relu(batchNorm2d(p.at("conv1.bn"), reduced));
    const made = conv2d(p.at("conv2.conv"), hidden, groups * k * k, {
      init: "kaiming",
      biasInit: zeros,
    });
    const kernels = reshape(transpose(made, [0, 2, 3, 1]), [n, h, w, groups, k * k]);

    // A stride picks the first pixel of each cell: all of a cell get its kernel, and one result is kept.
    const cells = expand(reshape(kernels, [n, h, 1, w, 1, groups * k * k]), [
      ...[n, h, stride, w, stride],
      groups * k * k,
    ]);
    const everywhere = reshape(cells, [n, height, width, groups, k * k]);
    const y = dynamicConv2d(transpose(x, [0, 2, 3, 1]), everywhere);
    const rows = slice(reshape(y, [n, h, stride, w, stride, c]), 2, 0, 1);
    return transpose(reshape(slice(rows, 4, 0, 1), [n, h, w, c]), [0, 3, 1, 2]);
  },
);

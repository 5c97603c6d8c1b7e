/** Convolution layers. */
import { constant, type Value } from "../graph/value.ts";
import { conv2d as convolve, type Conv2dOptions } from "../ops/conv2d.ts";
import { convTranspose2d as spread, type ConvTranspose2dOptions } from "../ops/convTranspose2d.ts";
import { kaimingFanOut, torchDefault, type Initializer } from "./init.ts";
import { block, type Scope } from "./scope.ts";
import { layerNorm as normaliseRows } from "../ops/layerNorm.ts";
import { linear } from "../ops/linear.ts";
import { reshape } from "../ops/reshape.ts";
import { full } from "../tensor/tensor.ts";

export interface ConvOptions extends Conv2dOptions {
  /** Side of the square window. Default 1. */
  readonly kernel?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** `torch`: uniform within 1 / sqrt(fan in); `kaiming`: normal by fan out, as in ResNets. Default `torch`. */
  readonly init?: "torch" | "kaiming";
  /** Initial bias. Default: uniform within 1 / sqrt(fan in). */
  readonly biasInit?: Initializer;
}

/**
 * Convolution with trained `weight` [K, C / groups, k, k] and `bias` [K].
 *
 * @param x         [N, C, H, W]
 * @param channels  K, number of output channels
 * @returns         [N, K, h, w], sizes as in `ops/conv2d.ts`
 */
export const conv2d = block(
  (p: Scope, x: Value, channels: number, options: ConvOptions = {}): Value => {
    const { kernel = 1, bias = true, init = "torch", groups = 1 } = options;
    const perGroup = x.shape[1]! / groups;
    const fanIn = perGroup * kernel * kernel;
    const weightInit =
      init === "torch" ? torchDefault(fanIn) : kaimingFanOut((channels / groups) * kernel * kernel);
    const weight = p.parameter("weight", [channels, perGroup, kernel, kernel], weightInit);
    const { biasInit = torchDefault(fanIn) } = options;
    const offset = bias ? p.parameter("bias", [channels], biasInit) : null;
    return convolve(x, weight, offset, options);
  },
);

/**
 * Convolution without bias whose `weight` is standardised: each output channel's weights are brought to mean 0 and variance 1 (the
 * biased one, plus 1e-5) before they are used.
 *
 * @param x         [N, C, H, W]
 * @param channels  K
 * @see Qiao et al. 2019, weight standardisation; the convolution of BiT's ResNet-v2
 */
export const standardisedConv2d = block(
  (
    p: Scope,
    x: Value,
    channels: number,
    { kernel = 1, ...options }: Conv2dOptions & { readonly kernel?: number } = {},
  ): Value => {
    const size = (x.shape[1]! / (options.groups ?? 1)) * kernel * kernel;
    const shape = [channels, size / (kernel * kernel), kernel, kernel];
    const weight = reshape(p.parameter("weight", shape, torchDefault(size)), [channels, size]);
    const normal = normaliseRows(
      weight,
      constant(full([size], 1)),
      constant(full([size], 0)),
      1e-5,
    );
    return convolve(x, reshape(normal, shape), null, options);
  },
);

/** 3 x 3 convolution that keeps the size. */
export const conv3x3 = (p: Scope, x: Value, channels: number, options: ConvOptions = {}): Value =>
  conv2d(p, x, channels, { kernel: 3, padding: options.dilation ?? 1, ...options });

/** Each channel convolved with its own 3 x 3 kernel; keeps the size. */
export const depthwiseConv3x3 = (p: Scope, x: Value): Value =>
  conv2d(p, x, x.shape[1]!, { kernel: 3, padding: 1, groups: x.shape[1]! });

/**
 * 1 x 1 convolution with bias on a channels-last map: a matrix product of pixels with weights. The parameters are those of
 * `conv2d`.
 *
 * @param x         [N, H, W, C]
 * @param channels  K
 * @returns         [N, H, W, K]
 */
export const pointwise = block((p: Scope, x: Value, channels: number): Value => {
  const [n = 1, height = 1, width = 1, c = 1] = x.shape;
  const weight = p.parameter("weight", [channels, c, 1, 1], torchDefault(c));
  const bias = p.parameter("bias", [channels], torchDefault(c));
  const rows = linear(reshape(x, [n * height * width, c]), reshape(weight, [channels, c]), bias);
  return reshape(rows, [n, height, width, channels]);
});

/**
 * Transposed convolution with trained `weight` [C, K, k, k] and `bias` [K].
 *
 * @param x         [N, C, H, W]
 * @param channels  K
 * @returns         [N, K, h, w], sizes as in `ops/convTranspose2d.ts`
 */
export const convTranspose2d = block(
  (
    p: Scope,
    x: Value,
    channels: number,
    options: ConvTranspose2dOptions & { readonly kernel: number; readonly bias?: boolean },
  ): Value => {
    const { kernel, bias = true, ...rest } = options;
    // PyTorch takes the fan in from the second axis, which holds the output channels here.
    const init = torchDefault(channels * kernel * kernel);
    const weight = p.parameter("weight", [x.shape[1]!, channels, kernel, kernel], init);
    return spread(x, weight, bias ? p.parameter("bias", [channels], init) : null, rest);
  },
);

/** Batch normalisation with known statistics, folded into the convolution before it. */
import { constant, type Value } from "../graph/value.ts";
import { asConv2d, conv2d } from "../ops/conv2d.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";

/** Parameters of a batch norm whose values are known; each [C]. */
export interface KnownBatchNorm {
  readonly gamma: Value;
  readonly beta: Value;
  readonly mean: Value;
  readonly variance: Value;
  readonly eps: number;
}

/**
 * BN(W * x + b) = (s W) * x + (s (b - mean) + beta), s = gamma / sqrt(variance + eps): one convolution.
 *
 * @param x  the input of the batch norm
 * @returns  the convolution with new weights; null if `x` is no convolution or some value is not constant
 */
export function foldBatchNorm(x: Value, norm: KnownBatchNorm): Value | null {
  const conv = asConv2d(x);
  if (!conv) return null;
  const weight = valuesOf(conv.w);
  const bias = conv.bias ? valuesOf(conv.bias) : null;
  const [gamma, beta, mean, variance] = [norm.gamma, norm.beta, norm.mean, norm.variance].map(
    valuesOf,
  );
  if (!weight || (conv.bias && !bias) || !gamma || !beta || !mean || !variance) return null;

  const channels = gamma.data.length;
  const perChannel = weight.data.length / channels;
  const scaled = new Float32Array(weight.data.length);
  const shift = new Float32Array(channels);
  for (let k = 0; k < channels; k++) {
    const scale = gamma.data[k]! / Math.sqrt(variance.data[k]! + norm.eps);
    for (let i = k * perChannel; i < (k + 1) * perChannel; i++) scaled[i] = weight.data[i]! * scale;
    shift[k] = ((bias?.data[k] ?? 0) - mean.data[k]!) * scale + beta.data[k]!;
  }
  const [w, b] = [constant(tensor(weight.shape, scaled)), constant(tensor([channels], shift))];
  return conv2d(conv.x, w, b, conv.options);
}

function valuesOf(value: Value): Tensor<"float32"> | null {
  if (value.source.kind !== "constant") return null;
  const { shape, data } = value.source.tensor;
  return data instanceof Float32Array ? { dtype: "float32", shape, data } : null;
}

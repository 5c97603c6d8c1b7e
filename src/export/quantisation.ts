/** Eight bits for values: ranges of activations by least squares, scales of weights by channel. */
import { ArgumentError } from "../base/errors.ts";

/** v = scale (q - zero), q in 0..255. */
export interface Affine {
  readonly scale: number;
  readonly zero: number;
}

/** Values of a tensor seen while calibrating: its extremes, and a sample. */
export interface Seen {
  least: number;
  most: number;
  readonly sample: number[];
}

/** Values of one image that are kept of a tensor. */
const sampled = 2048;

/** Adds the values of one image: all to the extremes, evenly spaced ones to the sample. */
export function see(seen: Seen, values: Float32Array): void {
  for (const v of values) {
    if (v < seen.least) seen.least = v;
    if (v > seen.most) seen.most = v;
  }
  // An odd step, so that it does not keep to one column of a map.
  const step = Math.max(1, Math.floor(values.length / sampled)) | 1;
  for (let i = 0; i < values.length; i += step) seen.sample.push(values[i]!);
}

/** 8 bits from `least` to `most`, 0 exactly among them. */
export function affineOf(least: number, most: number): Affine {
  const low = Math.min(0, least);
  const high = Math.max(0, most);
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

/** sum of (v - scale (q(v) - zero))^2, q(v) = clamp(round(v / scale) + zero, 0, 255). */
export function squaredError(values: readonly number[], { scale, zero }: Affine): number {
  let sum = 0;
  for (const v of values) {
    const q = Math.min(255, Math.max(0, Math.round(v / scale) + zero));
    sum += (v - scale * (q - zero)) ** 2;
  }
  return sum;
}

/** Shares of the extremes that are tried. */
const shares = Array.from({ length: 15 }, (_, i) => 1 - 0.05 * i);

/**
 * The range with the least squared error over the sample, among those from `share` least to `share` most: rare extremes may be cut so
 * that all others are told apart more finely.
 */
export function bestAffine({ least, most, sample }: Seen): Affine {
  let best = affineOf(least, most);
  let error = squaredError(sample, best);
  for (const share of shares.slice(1)) {
    const affine = affineOf(share * least, share * most);
    const found = squaredError(sample, affine);
    if (found < error) [best, error] = [affine, found];
  }
  return best;
}

/**
 * Weights use -63..63, seven bits: on processors without VNNI the engine adds two products of 8 bits in 16, which eight bits of weights
 * would overflow (2 * 255 * 127 > 32767 >= 2 * 255 * 64).
 */
export const mostWeight = 63;

/** Whole weights, their scale by output channel, and the bias in units of `inputScale` times that scale. */
export interface QuantisedWeights {
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly bias?: Int32Array;
}

/**
 * w[k, ...] = scale[k] q[k, ...] with scale[k] = max |w[k, ...]| / 63.
 *
 * @param channels  output channels, the first axis of `weights`
 */
export function quantiseWeights(
  weights: Float32Array,
  channels: number,
  inputScale: number,
  bias?: Float32Array,
): QuantisedWeights {
  const each = weights.length / channels;
  if (!Number.isInteger(each)) {
    throw new ArgumentError(
      `quantise: weights must come in ${channels} channels, got ${weights.length} values`,
    );
  }
  const scales = new Float32Array(channels);
  const whole = new Int8Array(weights.length);
  const offsets = bias && new Int32Array(channels);
  for (let k = 0; k < channels; k++) {
    let largest = 0;
    for (let i = k * each; i < (k + 1) * each; i++) {
      largest = Math.max(largest, Math.abs(weights[i]!));
    }
    // A channel with hardly any weights must still hold its bias in 31 bits.
    const forBias = Math.abs(bias?.[k] ?? 0) / (inputScale * 2 ** 30);
    const scale = Math.fround(Math.max(largest / mostWeight, forBias)) || 1;
    scales[k] = scale;
    for (let i = k * each; i < (k + 1) * each; i++) {
      whole[i] = Math.min(mostWeight, Math.max(-mostWeight, Math.round(weights[i]! / scale)));
    }
    if (offsets) offsets[k] = Math.round((bias[k] ?? 0) / Math.fround(inputScale * scale));
  }
  return { weights: whole, scales, ...(offsets && { bias: offsets }) };
}

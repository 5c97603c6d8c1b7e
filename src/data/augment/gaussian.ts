/** Gaussian smoothing of interleaved numbers, one axis after the other. */
import { inside } from "./border.ts";

/** What smoothing takes for values beyond the border: mirrored (`dcb|abcd`) or repeated (`aaa|abcd`). */
export type SmoothingBorder = "reflect101" | "replicate";

/** k[i] = exp(-(i - radius)^2 / (2 sigma^2)) / sum, of 2 radius + 1 entries; sigma 0: no smoothing. */
export function gaussianKernel(sigma: number, radius: number): Float64Array {
  const kernel = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let i = 0; i < kernel.length; i++) {
    const x = i - radius;
    kernel[i] = x === 0 ? 1 : Math.exp(-(x * x) / (2 * sigma * sigma));
    sum += kernel[i]!;
  }
  return kernel.map((weight) => weight / sum);
}

/**
 * Convolution with `kernel` along x and then along y.
 *
 * @param values    [H, W, channels], interleaved
 * @param kernel    symmetric, of odd length
 */
export function smooth(
  values: Float32Array | Uint8Array,
  width: number,
  height: number,
  channels: number,
  kernel: Float64Array,
  border: SmoothingBorder,
): Float32Array {
  const stride = width * channels;
  const radius = kernel.length >> 1;
  const across = new Float32Array(values.length);
  const columns = outer(width, radius, border);
  const line = new Float64Array((width + 2 * radius) * channels);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    for (let i = 0, to = 0; i < columns.length; i++) {
      const at = row + columns[i]! * channels;
      for (let c = 0; c < channels; c++) line[to++] = values[at + c]!;
    }
    for (let i = 0; i < stride; i++) {
      let sum = 0;
      for (let k = 0, at = i; k < kernel.length; k++, at += channels) sum += kernel[k]! * line[at]!;
      across[row + i] = sum;
    }
  }

  const rows = outer(height, radius, border);
  const result = new Float32Array(values.length);
  const sums = new Float64Array(stride);
  const middle = kernel[radius]!;
  for (let y = 0; y < height; y++) {
    const here = y * stride;
    for (let i = 0; i < stride; i++) sums[i] = middle * across[here + i]!;
    // The kernel is symmetric: two rows share a weight.
    for (let k = 1; k <= radius; k++) {
      const weight = kernel[radius + k]!;
      const above = rows[y + radius - k]! * stride;
      const below = rows[y + radius + k]! * stride;
      for (let i = 0; i < stride; i++)
        sums[i]! += weight * (across[above + i]! + across[below + i]!);
    }
    result.set(sums, here);
  }
  return result;
}

/** Indices -radius..size - 1 + radius, each brought inside. */
function outer(size: number, radius: number, border: SmoothingBorder): Int32Array {
  return Int32Array.from({ length: size + 2 * radius }, (_, i) =>
    border === "replicate"
      ? Math.min(size - 1, Math.max(0, i - radius))
      : inside(i - radius, size, border),
  );
}

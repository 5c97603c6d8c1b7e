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
  const reach = radius * channels;
  const half = kernel.subarray(radius);
  const middle = half[0]!;
  const across = new Float32Array(values.length);
  const columns = outer(width, radius, border);
  const line = new Float64Array((width + 2 * radius) * channels);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    for (let i = 0, to = 0; i < columns.length; i++) {
      const at = row + columns[i]! * channels;
      for (let c = 0; c < channels; c++) line[to++] = values[at + c]!;
    }
    // The kernel is symmetric: two values share a weight.
    for (let i = 0, centre = reach; i < stride; i++, centre++) {
      let sum = middle * line[centre]!;
      for (let k = 1, left = centre, right = centre; k <= radius; k++) {
        left -= channels;
        right += channels;
        sum += half[k]! * (line[left]! + line[right]!);
      }
      across[row + i] = sum;
    }
  }

  const rows = outer(height, radius, border);
  const result = new Float32Array(values.length);
  const sums = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    const here = y * stride;
    for (let i = 0; i < stride; i++) sums[i] = middle * across[here + i]!;
    // Two rings of rows at a time, so that the sums are read and written half as often.
    for (let k = 1; k <= radius; k += 2) {
      const near = half[k]!;
      const far = k < radius ? half[k + 1]! : 0;
      const beyond = Math.min(k + 1, radius);
      const above = rows[y + radius - k]! * stride;
      const below = rows[y + radius + k]! * stride;
      const higher = rows[y + radius - beyond]! * stride;
      const lower = rows[y + radius + beyond]! * stride;
      for (let i = 0; i < stride; i++) {
        sums[i]! +=
          near * (across[above + i]! + across[below + i]!) +
          far * (across[higher + i]! + across[lower + i]!);
      }
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

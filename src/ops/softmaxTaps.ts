/** Softmax over the taps of per-pixel kernels. */
import type { Value } from "../graph/value.ts";
import { reshape } from "./reshape.ts";
import { softmax } from "./softmax.ts";
import { transpose } from "./transpose.ts";

/**
 * Kernels from logits: K[n, h, y, x, t] = softmax over t of L[n, h taps + t, y, x].
 *
 * @param logits  [N, heads taps, H, W], head-major
 * @param heads   number of kernels a pixel
 * @returns       [N, heads, H, W, taps], the layout of `dynamicConv2d`
 */
export function softmaxTaps(logits: Value, heads: number): Value {
  const [n = 1, c = 1, height = 1, width = 1] = logits.shape;
  const grid = reshape(logits, [n, heads, c / heads, height, width]);
  return softmax(transpose(grid, [0, 1, 3, 4, 2]));
}

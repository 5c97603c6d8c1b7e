/** Mean over a fixed number of bins, whatever the size of the map. */
import { constant, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { matmul } from "./matmul.ts";
import { transpose } from "./transpose.ts";

/**
 * Y[n, c, i, j] = mean of X[n, c] over rows floor(i H / h) to ceil((i + 1) H / h) - 1, columns likewise: bins may overlap.
 *
 * Two products with constant matrices, which are also its gradient.
 *
 * @param x     [N, C, H, W]
 * @param size  [h, w]
 * @returns     [N, C, h, w]
 * @throws {ShapeError} if the rank is not 4 or a size is below 1.
 * @see PyTorch's AdaptiveAvgPool2d
 */
export function adaptiveAvgPool2d(x: Value, size: readonly [number, number]): Value {
  const [h, w] = size;
  if (x.shape.length !== 4 || h < 1 || w < 1) {
    throw new ShapeError(
      `adaptiveAvgPool2d: rank must be 4 and sizes at least 1, got ${x.shape.length}, ${h} and ${w}`,
    );
  }
  const [, , height = 1, width = 1] = x.shape;
  const columns = matmul(x, transpose(binMatrix(w, width), [1, 0]));
  return matmul(binMatrix(h, height), columns);
}

/** [bins, size]: 1 / length within each bin. */
function binMatrix(bins: number, size: number): Value {
  const values = new Float32Array(bins * size);
  for (let i = 0; i < bins; i++) {
    const first = Math.floor((i * size) / bins);
    const end = Math.ceil(((i + 1) * size) / bins);
    values.fill(1 / (end - first), i * size + first, i * size + end);
  }
  return constant(tensor([bins, size], values));
}

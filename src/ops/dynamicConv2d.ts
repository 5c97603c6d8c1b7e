/** Convolution with a kernel of its own for every pixel. */
import type { Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shape.ts";
import { mul } from "./mul.ts";
import { padZeros } from "./padZeros.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sumOf } from "./sumOf.ts";

export function dynamicConv2d(x: Value, kernels: Value): Value {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const [, heads = 1, , , taps = 1] = kernels.shape;
  const k = Math.sqrt(taps);
  const r = (k - 1) / 2;
  if (c % heads)
    throw new ShapeError(`dynamicConv2d: heads must divide ${c}, got ${showShape(kernels.shape)}`);
  const padded = padZeros(padZeros(x, 2, r, r), 3, r, r);
  const parts: Value[] = [];
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const shifted = slice(slice(padded, 2, i, i + height), 3, j, j + width);
      const weight = reshape(slice(kernels, 4, i * k + j, i * k + j + 1), [
        n,
        heads,
        1,
        height,
        width,
      ]);
      parts.push(mul(reshape(shifted, [n, heads, c / heads, height, width]), weight));
    }
  }
  return reshape(sumOf(parts), [n, c, height, width]);
}

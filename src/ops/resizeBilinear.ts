/** Bilinear resize, with half-pixel centres or with aligned corners. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { showShape, type Shape } from "../tensor/shape.ts";

export interface ResizeOptions {
  /** The corner pixels of both maps lie on each other, instead of the borders of the maps. Default false. */
  readonly alignCorners?: boolean;
}

interface Attributes {
  readonly size: readonly [number, number];
  readonly alignCorners: boolean;
}

/**
 * Bilinear interpolation at u = (i + 1/2) H / h - 1/2, clamped to the map, or at u = i (H - 1) / (h - 1) with `alignCorners`; no
 * antialiasing when shrinking. The same as PyTorch's `interpolate(mode="bilinear")` with `align_corners` False and True.
 *
 * @param x     [N, C, H, W]
 * @param size  [h, w]
 * @returns     [N, C, h, w]
 * @throws {ShapeError} if the rank is not 4 or a size is not whole and positive.
 * @see https://onnx.ai/onnx/operators/onnx__Resize.html
 */
export function resizeBilinear(
  x: Value,
  size: readonly [number, number],
  { alignCorners = false }: ResizeOptions = {},
): Value {
  const same = x.shape[2] === size[0] && x.shape[3] === size[1];
  return same ? x : apply(resizeOp, [x], { size, alignCorners });
}

const resizeOp = defineOp<[x: Value], Attributes>({
  name: "resizeBilinear",
  infer([x], { size }) {
    if (x.shape.length !== 4) throw new ShapeError(`rank must be 4, got ${x.shape.length}`);
    if (!size.every((d) => Number.isInteger(d) && d > 0)) {
      throw new ShapeError(`size must be whole and positive, got ${showShape(size)}`);
    }
    return { dtype: x.dtype, shape: [x.shape[0]!, x.shape[1]!, ...size] };
  },
  // A product with two constant matrices, R_h X R_w^T, like its gradient.
  emit(e, [x], { size, alignCorners }, { inputs: [type] }) {
    const [, , height = 1, width = 1] = type.shape;
    const right = e.constant(interpolation(width, size[1], true, alignCorners));
    const left = e.constant(interpolation(height, size[0], false, alignCorners));
    return e.op("MatMul", [left, e.op("MatMul", [x, right])]);
  },
  grad: ([x], dy, { attributes }) => [apply(resizeGradOp, [dy], { ...attributes, shape: x.shape })],
});

// dX = R_h^T dY R_w
const resizeGradOp = defineOp<[dy: Value], Attributes & { readonly shape: Shape }>({
  name: "resizeBilinearGrad",
  infer: ([dy], { shape }) => ({ dtype: dy.dtype, shape }),
  emit(e, [dy], { size, shape, alignCorners }) {
    const [, , height = 1, width = 1] = shape;
    const right = e.constant(interpolation(width, size[1], false, alignCorners));
    const left = e.constant(interpolation(height, size[0], true, alignCorners));
    return e.op("MatMul", [left, e.op("MatMul", [dy, right])]);
  },
  grad: noSecondDerivative("resizeBilinearGrad"),
});

const cache = new Map<string, Tensor>();

/** The interpolation matrix [to, from], or its transpose; one tensor for each size, so that graphs share it. */
function interpolation(
  from: number,
  to: number,
  transposed: boolean,
  alignCorners: boolean,
): Tensor {
  const key = `${from},${to},${transposed},${alignCorners}`;
  const known = cache.get(key);
  if (known) return known;
  const values = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const place = alignCorners
      ? (i * (from - 1)) / Math.max(to - 1, 1)
      : ((i + 0.5) * from) / to - 0.5;
    const at = Math.min(Math.max(place, 0), from - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, from - 1);
    const put = (j: number, weight: number): void => {
      const k = transposed ? j * to + i : i * from + j;
      values[k] = values[k]! + weight;
    };
    put(low, 1 - (at - low));
    put(high, at - low);
  }
  const result = tensor(transposed ? [from, to] : [to, from], values);
  cache.set(key, result);
  return result;
}

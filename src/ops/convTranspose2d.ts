/** Two-dimensional transposed convolution. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf } from "../tensor/shape.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dGradW } from "./conv2dGradW.ts";
import { sum } from "./sum.ts";

export interface ConvTranspose2dOptions {
  /** Distance between the places of neighbouring pixels in the result. Default 1. */
  readonly stride?: number;
  /** Rows and columns cut from all four sides of the result. Default 0. */
  readonly padding?: number;
  /** Rows and columns added at the end. Default 0. */
  readonly outputPadding?: number;
}

/**
 * Y[n, k] = bias[k] + sum over c, pixels (y, x) of X[n, c, y, x] times W[c, k] with its corner at (y s - p, x s - p): the adjoint of
 * the convolution with stride s and padding p.
 *
 * @param x     [N, C, H, W]
 * @param w     [C, K, kh, kw]
 * @param bias  [K], or null
 * @returns     [N, K, (H - 1) s - 2p + kh + outputPadding, likewise]
 * @throws {ShapeError} if channels do not fit, nothing would be left, or `outputPadding` is not below the stride.
 * @see https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export function convTranspose2d(
  x: Value,
  w: Value,
  bias: Value | null = null,
  { stride = 1, padding = 0, outputPadding = 0 }: ConvTranspose2dOptions = {},
): Value {
  const attributes = { stride, padding, outputPadding };
  return apply(convTranspose2dOp, bias ? ([x, w, bias] as const) : ([x, w] as const), attributes);
}

type Operands = readonly [x: Value, w: Value] | readonly [x: Value, w: Value, bias: Value];

const convTranspose2dOp = defineOp<Operands, Required<ConvTranspose2dOptions>>({
  name: "convTranspose2d",
  infer([x, w, bias], { stride, padding, outputPadding }) {
    if (x.shape.length !== 4 || w.shape.length !== 4) {
      throw new ShapeError(`ranks must be 4, got ${x.shape.length} and ${w.shape.length}`);
    }
    const [n, c, height, width] = x.shape as [number, number, number, number];
    const [inner, k, kh, kw] = w.shape as [number, number, number, number];
    if (c !== inner) throw new ShapeError(`weights must be for ${c} channels, got ${inner}`);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== k)) {
      throw new ShapeError(`bias must be [${k}], got [${bias.shape.join(", ")}]`);
    }
    if (outputPadding >= stride) {
      throw new ShapeError(
        `output padding must be below the stride ${stride}, got ${outputPadding}`,
      );
    }
    const out = (size: number, taps: number): number =>
      (size - 1) * stride - 2 * padding + taps + outputPadding;
    const [oh, ow] = [out(height, kh), out(width, kw)];
    if (oh < 1 || ow < 1) {
      throw new ShapeError(`the result must have pixels, got ${oh} x ${ow}`);
    }
    return { dtype: x.dtype, shape: [n, k, oh, ow] };
  },
  emit: (e, inputs, { stride, padding: p, outputPadding }, { inputs: types }) =>
    e.op("ConvTranspose", inputs, {
      kernel_shape: { ints: types[1].shape.slice(2) },
      strides: { ints: [stride, stride] },
      pads: { ints: [p, p, p, p] },
      output_padding: { ints: [outputPadding, outputPadding] },
    }),
  macs: ([x, w]) => sizeOf(x.shape) * sizeOf(w.shape.slice(1)),
  // dX: the convolution of dY; dW: the weight gradient of that convolution, with dY as its input and X as its gradient.
  grad([x, w, bias], dy, { attributes: { stride, padding }, needs }) {
    const options = { stride, padding, dilation: 1, groups: 1 };
    const gradients = [
      needs(0) ? conv2d(dy, w, null, options) : null,
      needs(1) ? conv2dGradW(dy, x, { ...options, shape: w.shape }) : null,
    ];
    return bias ? [...gradients, needs(2) ? sum(dy, [0, 2, 3]) : null] : gradients;
  },
});

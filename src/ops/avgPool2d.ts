/** Mean over windows. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { full, tensor } from "../tensor/tensor.ts";
import type { Shape } from "../tensor/shape.ts";
import { poolSize, type PoolOptions } from "./poolSize.ts";

export interface AvgPoolOptions extends PoolOptions {
  /** Do zeros of the border count in the mean? PyTorch's default is yes. Default true. */
  readonly countPadding?: boolean;
  /** Keep a last window that hangs over the end; the overhang never counts. Default false. */
  readonly ceil?: boolean;
}

type Attributes = Required<AvgPoolOptions>;

/**
 * Y[n, c, y, x] = mean over the window of X[n, c].
 *
 * @param x  [N, C, H, W]
 * @returns  [N, C, (H + 2p - k) / s + 1, likewise], rounded down, or up with `ceil`
 * @see https://onnx.ai/onnx/operators/onnx__AveragePool.html
 */
export const avgPool2d = (
  x: Value,
  { kernel, stride = kernel, padding = 0, countPadding = true, ceil = false }: AvgPoolOptions,
): Value => apply(avgPoolOp, [x], { kernel, stride, padding, countPadding, ceil });

const avgPoolOp = defineOp<[x: Value], Attributes>({
  name: "avgPool2d",
  infer: ([x], a) => ({ dtype: x.dtype, shape: poolSize(x.shape, a, a.ceil) }),
  emit: (e, inputs, { kernel, stride, padding: p, countPadding, ceil }) =>
    e.op("AveragePool", inputs, {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: [p, p, p, p] },
      count_include_pad: { int: countPadding ? 1 : 0 },
      ceil_mode: { int: ceil ? 1 : 0 },
    }),
  grad: ([x], dy, { attributes }) => [
    apply(avgPoolGradOp, [dy], { ...attributes, shape: x.shape }),
  ],
});

// Each place gets dY / count of every window that covers it.
const avgPoolGradOp = defineOp<[dy: Value], Attributes & { shape: Shape }>({
  name: "avgPool2dGrad",
  infer: ([dy], { shape }) => ({ dtype: dy.dtype, shape }),
  emit(e, [dy], a, { inputs: [dyType] }) {
    const [n = 1, c = 1, height = 1, width = 1] = a.shape;
    const [, , oh = 1, ow = 1] = dyType.shape;
    const { kernel: k, stride: s, padding: p } = a;
    const scaled = e.op("Mul", [dy, e.constant(inverseCounts(a, oh, ow))]);
    if (k === s && p === 0 && oh * k >= height && ow * k >= width) {
      // Windows do not overlap: repeat each value k x k times, cut the overhang.
      const cells = e.op("Reshape", [scaled, e.ints([n * c, oh, 1, ow, 1])]);
      const repeated = e.op("Expand", [cells, e.ints([n * c, oh, k, ow, k])]);
      const map = e.op("Reshape", [repeated, e.ints([n, c, oh * k, ow * k])]);
      if (oh * k === height && ow * k === width) return map;
      return e.op("Slice", [map, e.ints([0, 0]), e.ints([height, width]), e.ints([2, 3])]);
    }
    // Overlapping windows: the transpose of a convolution with ones, one channel at a time.
    const maps = e.op("Reshape", [scaled, e.ints([n * c, 1, oh, ow])]);
    const [needH, needW] = [height + 2 * p, width + 2 * p];
    const [spanH, spanW] = [(oh - 1) * s + k, (ow - 1) * s + k];
    const spread = e.op("ConvTranspose", [maps, e.constant(full([1, 1, k, k], 1))], {
      kernel_shape: { ints: [k, k] },
      strides: { ints: [s, s] },
      output_padding: { ints: [Math.max(0, needH - spanH), Math.max(0, needW - spanW)] },
    });
    const cut = e.op("Slice", [
      spread,
      e.ints([p, p]),
      e.ints([p + height, p + width]),
      e.ints([2, 3]),
    ]);
    return e.op("Reshape", [cut, e.ints(a.shape)]);
  },
  grad: noSecondDerivative("avgPool2dGrad"),
});

/** 1 / (number of places in the mean) for each window, [oh, ow]. */
function inverseCounts(a: Attributes & { shape: Shape }, oh: number, ow: number) {
  const [, , height = 1, width = 1] = a.shape;
  const count = (i: number, size: number): number => {
    const start = i * a.stride - a.padding;
    const limit = a.countPadding ? size + a.padding : size;
    return Math.min(start + a.kernel, limit) - (a.countPadding ? start : Math.max(start, 0));
  };
  const values = new Float32Array(oh * ow);
  for (let y = 0; y < oh; y++) {
    for (let x = 0; x < ow; x++) values[y * ow + x] = 1 / (count(y, height) * count(x, width));
  }
  return tensor([oh, ow], values);
}

/** Maximum over windows. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { poolSize, type PoolOptions } from "./poolSize.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";

/**
 * Y[n, c, y, x] = max over the window of X[n, c]; places outside the map do not take part.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, C, (H + 2p - k) / s + 1, likewise]
 * @see https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export const maxPool2d = (x: Value, { kernel, stride = kernel, padding = 0 }: PoolOptions): Value =>
  apply(maxPoolOp, [x], { kernel, stride, padding });

const maxPoolOp = defineOp<[x: Value], Required<PoolOptions>>({
  name: "maxPool2d",
  infer: ([x], a) => ({ dtype: x.dtype, shape: poolSize(x.shape, a, false) }),
  emit: (e, inputs, a) => e.op("MaxPool", inputs, poolAttributes(a)),
  grad: ([x], dy, { attributes, output }) => [
    apply(maxPoolGradOp, [x, output, dy], { ...attributes, shape: x.shape }),
  ],
});

const poolAttributes = ({ kernel, stride, padding: p }: Required<PoolOptions>) => ({
  kernel_shape: { ints: [kernel, kernel] },
  strides: { ints: [stride, stride] },
  pads: { ints: [p, p, p, p] },
});

// dY goes to the first place of its window, row by row, whose value is the maximum.
const maxPoolGradOp = defineOp<
  [x: Value, y: Value, dy: Value],
  Required<PoolOptions> & { shape: Shape }
>({
  name: "maxPool2dGrad",
  infer: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  emit(e, operands, a, { inputs: [, { shape }] }) {
    return e.target === "cpu" ? emitByIndex(e, operands, a) : emitByValue(e, operands, a, shape);
  },
  grad: noSecondDerivative("maxPool2dGrad"),
});

type Operands = readonly [x: string, y: string, dy: string];
type Attributes = Required<PoolOptions> & { readonly shape: Shape };

// MaxPool tells the place as an index into the whole tensor. Half the time of the other form.
function emitByIndex(e: Emitter, [x, , dy]: Operands, a: Attributes): string {
  const [, indices = ""] = e.ops("MaxPool", [x], 2, poolAttributes(a));
  const zeros = e.op("Expand", [e.scalar(0), e.ints([sizeOf(a.shape)])]);
  const flat = e.ints([-1]);
  const scattered = e.op(
    "ScatterElements",
    [zeros, e.op("Reshape", [indices, flat]), e.op("Reshape", [dy, flat])],
    { axis: { int: 0 }, reduction: { string: "add" } },
  );
  return e.op("Reshape", [scattered, e.ints(a.shape)]);
}

// WebGPU's MaxPool gives no indices. The taps of all windows become channels, by a convolution with kernels of a single 1, are
// compared with the maximum, and go back to their places by its transpose.
function emitByValue(
  e: Emitter,
  [x, y, dy]: Operands,
  { kernel: k, stride: s, padding: p, shape }: Attributes,
  yShape: Shape,
): string {
  const [n = 1, c = 1, height = 1, width = 1] = shape;
  const [, , oh = 1, ow = 1] = yShape;
  const taps = k * k;
  // What the windows reach beyond the map's end; negative where its last rows are in no window.
  const [endH, endW] = [(oh - 1) * s + k - height - p, (ow - 1) * s + k - width - p];
  const [padH, padW] = [Math.max(endH, 0), Math.max(endW, 0)];
  const places = { kernel_shape: { ints: [k, k] }, strides: { ints: [s, s] } };
  const single = e.constant(singleTaps(k));
  const map = e.op("Reshape", [x, e.ints([n * c, 1, height, width])]);
  const padded =
    p + padH + padW > 0
      ? e.op("Pad", [map, e.ints([0, 0, p, p, 0, 0, padH, padW]), e.scalar(LOWEST)])
      : map;
  const values = e.op("Conv", [padded, single], places);
  const perMap = e.ints([n * c, 1, oh, ow]);
  // 1 at every place of the maximum, then the place's rank: the first ranks highest.
  const largest = emitEquals(e, values, e.op("Reshape", [y, perMap]));
  const rank = Array.from({ length: taps }, (_, i) => taps - i);
  const ranked = e.op("Mul", [largest, e.constant(tensor([1, taps, 1, 1], rank))]);
  const first = emitEquals(e, ranked, e.op("ReduceMax", [ranked], { axes: { ints: [1] } }));
  const gradients = e.op("Mul", [first, e.op("Reshape", [dy, perMap])]);
  const placed = e.op("ConvTranspose", [gradients, single], {
    ...places,
    pads: { ints: [p, p, padH, padW] },
    output_padding: { ints: [Math.max(-endH, 0), Math.max(-endW, 0)] },
  });
  return e.op("Reshape", [placed, e.ints(shape)]);
}

/** The lowest float32: what no value of a map is below. */
const LOWEST = -3.4028234663852886e38;

/** 1 where A = B, 0 where A < B: a clipped 1e38 (A - B) + 1. */
const emitEquals = (e: Emitter, a: string, b: string): string =>
  e.op("HardSigmoid", [e.op("Sub", [a, b])], { alpha: { float: 1e38 }, beta: { float: 1 } });

const single = new Map<number, Tensor>();

/** [k k, 1, k, k]: kernel i picks the i-th place of the window. */
function singleTaps(k: number): Tensor {
  const known = single.get(k);
  if (known) return known;
  const taps = k * k;
  const made = tensor(
    [taps, 1, k, k],
    Array.from({ length: taps * taps }, (_, i) => (i % (taps + 1) === 0 ? 1 : 0)),
  );
  single.set(k, made);
  return made;
}

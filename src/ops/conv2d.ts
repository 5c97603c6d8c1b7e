/** Two-dimensional convolution and its two gradients. */
import {
  apply,
  defineOp,
  noSecondDerivative,
  type Emitter,
  type TensorType,
  type Value,
} from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import type { Shape } from "../tensor/shape.ts";
import { sum } from "./sum.ts";

export interface Conv2dOptions {
  /** Step of the window, both axes. Default 1. */
  readonly stride?: number;
  /** Zeros around the map, all four sides. Default 0. */
  readonly padding?: number;
  /** Distance between taps. Default 1. */
  readonly dilation?: number;
  /** Groups of channels that do not mix; C for a depthwise convolution. Default 1. */
  readonly groups?: number;
}

type Attributes = Required<Conv2dOptions>;

/**
 * Y[n, k, y, x] = bias[k] + sum over c, i, j of W[k, c, i, j] X[n, c, y s + i d - p, x s + j d - p].
 *
 * @param x     [N, C, H, W]
 * @param w     [K, C / groups, kh, kw]
 * @param bias  [K], or null
 * @returns     [N, K, (H + 2p - d (kh - 1) - 1) / s + 1, likewise], rounded down
 * @throws {ShapeError} if channels and groups do not fit, or the window is larger than the padded map.
 * @see https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export function conv2d(
  x: Value,
  w: Value,
  bias: Value | null = null,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions = {},
): Value {
  const attributes = { stride, padding, dilation, groups };
  return apply(conv2dOp, bias ? ([x, w, bias] as const) : ([x, w] as const), attributes);
}

type Operands = readonly [x: Value, w: Value] | readonly [x: Value, w: Value, bias: Value];

const conv2dOp = defineOp<Operands, Attributes>({
  name: "conv2d",
  infer([x, w, bias], { stride, padding, dilation, groups }) {
    if (x.shape.length !== 4 || w.shape.length !== 4) {
      throw new ShapeError(`ranks must be 4, got ${x.shape.length} and ${w.shape.length}`);
    }
    const [n, c, height, width] = x.shape as [number, number, number, number];
    const [k, perGroup, kh, kw] = w.shape as [number, number, number, number];
    if (c !== perGroup * groups || k % groups !== 0) {
      throw new ShapeError(
        `${groups} group(s) of ${perGroup} channels must make ${c}, got ${perGroup * groups}`,
      );
    }
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== k)) {
      throw new ShapeError(`bias must be [${k}], got [${bias.shape.join(", ")}]`);
    }
    const out = (size: number, taps: number): number =>
      Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
    const [oh, ow] = [out(height, kh), out(width, kw)];
    if (oh < 1 || ow < 1) {
      throw new ShapeError(
        `window ${kh} x ${kw} must fit the padded map, got ${height} x ${width}`,
      );
    }
    return { dtype: x.dtype, shape: [n, k, oh, ow] };
  },
  emit: (e, inputs, a, { inputs: types }) =>
    e.op("Conv", inputs, convAttributes(a, types[1]!.shape)),
  grad([x, w, bias], dy, { attributes, needs }) {
    const gradients = [
      needs(0) ? apply(conv2dGradXOp, [dy, w], { ...attributes, shape: x.shape }) : null,
      needs(1) ? apply(conv2dGradWOp, [x, dy], { ...attributes, shape: w.shape }) : null,
    ];
    return bias ? [...gradients, needs(2) ? sum(dy, [0, 2, 3]) : null] : gradients;
  },
});

function convAttributes({ stride, padding: p, dilation, groups }: Attributes, w: Shape) {
  return {
    kernel_shape: { ints: w.slice(2) },
    strides: { ints: [stride, stride] },
    pads: { ints: [p, p, p, p] },
    dilations: { ints: [dilation, dilation] },
    group: { int: groups },
  };
}

// dX: the convolution's transpose applied to dY.
const conv2dGradXOp = defineOp<[dy: Value, w: Value], Attributes & { shape: Shape }>({
  name: "conv2dGradX",
  infer: ([dy], { shape }) => ({ dtype: dy.dtype, shape }),
  emit(e, [dy = "", w = ""], a, { inputs: [dyType, wType] }) {
    const [, , kh = 1, kw = 1] = wType!.shape;
    if (a.stride === 1 && a.dilation * (kh - 1) >= a.padding) {
      return emitFlippedConv(e, dy, w, a, wType!.shape);
    }
    const [, , height = 1, width = 1] = a.shape;
    const [, , oh = 1, ow = 1] = dyType!.shape;
    // Rows at the end that no window reached get no gradient: output_padding makes the sizes meet.
    const rest = (size: number, out: number, taps: number): number =>
      size + 2 * a.padding - ((out - 1) * a.stride + a.dilation * (taps - 1) + 1);
    return e.op("ConvTranspose", [dy, w], {
      ...convAttributes(a, wType!.shape),
      output_padding: { ints: [rest(height, oh, kh), rest(width, ow, kw)] },
    });
  },
  grad: noSecondDerivative("conv2dGradX"),
});

// Stride 1: dX is dY convolved with W, channels swapped and taps reversed.
function emitFlippedConv(e: Emitter, dy: string, w: string, a: Attributes, wShape: Shape): string {
  const [k = 1, perGroup = 1, kh = 1, kw = 1] = wShape;
  const { groups } = a;
  let flipped = w;
  if (groups === k && perGroup === 1) {
    // Depthwise: nothing to swap.
  } else if (groups === 1) {
    flipped = e.op("Transpose", [w], { perm: { ints: [1, 0, 2, 3] } });
  } else {
    const parts = e.op("Reshape", [w, e.ints([groups, k / groups, perGroup, kh, kw])]);
    const swapped = e.op("Transpose", [parts], { perm: { ints: [0, 2, 1, 3, 4] } });
    flipped = e.op("Reshape", [swapped, e.ints([groups * perGroup, k / groups, kh, kw])]);
  }
  if (kh > 1 || kw > 1) {
    const last = -(2 ** 31);
    flipped = e.op("Slice", [
      flipped,
      e.ints([-1, -1]),
      e.ints([last, last]),
      e.ints([2, 3]),
      e.ints([-1, -1]),
    ]);
  }
  const [ph, pw] = [a.dilation * (kh - 1) - a.padding, a.dilation * (kw - 1) - a.padding];
  return e.op("Conv", [dy, flipped], {
    kernel_shape: { ints: [kh, kw] },
    pads: { ints: [ph, pw, ph, pw] },
    dilations: { ints: [a.dilation, a.dilation] },
    group: { int: groups },
  });
}

// dW[k, c, i, j] = sum over n, y, x of dY[n, k, y, x] X[n, c, y s + i d - p, x s + j d - p]
const conv2dGradWOp = defineOp<[x: Value, dy: Value], Attributes & { shape: Shape }>({
  name: "conv2dGradW",
  infer: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  emit: (e, [x = "", dy = ""], a, { inputs: [xType, dyType] }) =>
    a.groups === 1
      ? emitWeightGradient(e, x, dy, a, xType!, dyType!)
      : emitGroupedWeightGradient(e, x, dy, a, xType!, dyType!),
  grad: noSecondDerivative("conv2dGradW"),
});

// One matrix product [K, n y x] [n y x, C] for each tap, on shifted slices of the padded input.
function emitWeightGradient(
  e: Emitter,
  x: string,
  dy: string,
  a: Attributes & { shape: Shape },
  xType: TensorType,
  dyType: TensorType,
): string {
  const [n = 1, c = 1] = xType.shape;
  const [, k = 1, oh = 1, ow = 1] = dyType.shape;
  const [, , kh = 1, kw = 1] = a.shape;
  const p = a.padding;
  const padded = p ? e.op("Pad", [x, e.ints([0, 0, p, p, 0, 0, p, p])]) : x;
  const rows = e.op("Reshape", [dy, e.ints([n, k, oh * ow])]);
  const taps: string[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [top, left] = [i * a.dilation, j * a.dilation];
      const whole = kh === 1 && kw === 1 && !p && a.stride === 1;
      const window = whole
        ? padded
        : e.op("Slice", [
            padded,
            e.ints([top, left]),
            e.ints([top + (oh - 1) * a.stride + 1, left + (ow - 1) * a.stride + 1]),
            e.ints([2, 3]),
            e.ints([a.stride, a.stride]),
          ]);
      const columns = e.op("Reshape", [window, e.ints([n, c, oh * ow])]);
      const transposed = e.op("Transpose", [columns], { perm: { ints: [0, 2, 1] } });
      taps.push(e.op("MatMul", [rows, transposed]));
    }
  }
  // [N, K, C] for each tap -> [K, C, taps]
  const summed = taps.map((tap) =>
    e.op("Reshape", [
      n > 1 ? e.op("ReduceSum", [tap, e.ints([0])], { keepdims: { int: 0 } }) : tap,
      e.ints([k, c, 1]),
    ]),
  );
  const all = summed.length > 1 ? e.op("Concat", summed, { axis: { int: 2 } }) : summed[0]!;
  return e.op("Reshape", [all, e.ints(a.shape)]);
}

// The batch becomes channels of a convolution whose kernel is dY: correct for any grouping.
function emitGroupedWeightGradient(
  e: Emitter,
  x: string,
  dy: string,
  a: Attributes & { shape: Shape },
  xType: TensorType,
  dyType: TensorType,
): string {
  const [n = 1, , height = 1, width = 1] = xType.shape;
  const [, , oh = 1, ow = 1] = dyType.shape;
  const [, perGroup = 1, kh = 1, kw = 1] = a.shape;
  const g = a.groups;
  // [N, g, C/g, H, W] -> [C/g, g N, H, W]; [N, g K/g, oh, ow] -> [g K/g, N, oh, ow]
  const x5 = e.op("Reshape", [x, e.ints([n, g, perGroup, height, width])]);
  const xT = e.op("Transpose", [x5], { perm: { ints: [2, 1, 0, 3, 4] } });
  const maps = e.op("Reshape", [xT, e.ints([perGroup, g * n, height, width])]);
  const kernel = e.op("Transpose", [dy], { perm: { ints: [1, 0, 2, 3] } });
  const p = a.padding;
  const product = e.op("Conv", [maps, kernel], {
    kernel_shape: { ints: [oh, ow] },
    pads: { ints: [p, p, p, p] },
    strides: { ints: [a.dilation, a.dilation] },
    dilations: { ints: [a.stride, a.stride] },
    group: { int: g },
  });
  // [C/g, K, >= kh, >= kw] -> [K, C/g, kh, kw]
  const cut = e.op("Slice", [product, e.ints([0, 0]), e.ints([kh, kw]), e.ints([2, 3])]);
  return e.op("Transpose", [cut], { perm: { ints: [1, 0, 2, 3] } });
}

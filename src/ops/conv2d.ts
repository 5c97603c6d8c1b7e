/** Two-dimensional convolution and its gradient by the image; that by the weights is in conv2dGradW.ts. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { conv2dGradW } from "./conv2dGradW.ts";
import { emitConv } from "./emitConv.ts";
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

export type Conv2dAttributes = Required<Conv2dOptions>;

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

const conv2dOp = defineOp<Operands, Conv2dAttributes>({
  name: "conv2d",
  infer([x, w, bias], { stride, padding, dilation, groups }) {
    if (x.shape.length !== 4 || w.shape.length !== 4) {
      throw new ShapeError(`ranks must be 4, got ${x.shape.length} and ${w.shape.length}`);
    }
    const [n, c, height, width] = x.shape as [number, number, number, number];
    const [k, perGroup, kh, kw] = w.shape as [number, number, number, number];
    if (k % groups !== 0) {
      throw new ShapeError(`${groups} group(s) must divide the maps, got ${k}`);
    }
    if (c !== perGroup * groups) {
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
  emit(e, inputs, a, { inputs: types }) {
    const w = types[1].shape;
    const attributes = convAttributes(a, w);
    return a.groups > 1 ? e.op("Conv", inputs, attributes) : emitConv(e, inputs, attributes, w);
  },
  macs: ([, w], y) => sizeOf(y.shape) * sizeOf(w.shape.slice(1)),
  grad([x, w, bias], dy, { attributes, needs }) {
    const gradients = [
      needs(0) ? apply(conv2dGradXOp, [dy, w], { ...attributes, shape: x.shape }) : null,
      needs(1) ? conv2dGradW(x, dy, { ...attributes, shape: w.shape }) : null,
    ];
    return bias ? [...gradients, needs(2) ? sum(dy, [0, 2, 3]) : null] : gradients;
  },
});

function convAttributes({ stride, padding: p, dilation, groups }: Conv2dAttributes, w: Shape) {
  return {
    kernel_shape: { ints: w.slice(2) },
    strides: { ints: [stride, stride] },
    pads: { ints: [p, p, p, p] },
    dilations: { ints: [dilation, dilation] },
    group: { int: groups },
  };
}

// dX: the convolution's transpose applied to dY.
const conv2dGradXOp = defineOp<[dy: Value, w: Value], Conv2dAttributes & { shape: Shape }>({
  name: "conv2dGradX",
  infer: ([dy], { shape }) => ({ dtype: dy.dtype, shape }),
  emit(e, [dy, w], a, { inputs: [dyType, wType] }) {
    const [, , kh = 1, kw = 1] = wType.shape;
    // As a convolution with reversed taps where that is faster: not on small maps with many channels.
    const [, , height = 1, width = 1] = a.shape;
    const fitsFlipped = a.stride === 1 && a.dilation * (Math.min(kh, kw) - 1) >= a.padding;
    if (fitsFlipped && (a.groups > 1 || (kh === 1 && kw === 1) || height * width > 64)) {
      return emitFlippedConv(e, dy, w, a, wType.shape);
    }
    const [, , oh = 1, ow = 1] = dyType.shape;
    // Rows at the end that no window reached get no gradient: output_padding makes the sizes meet.
    const rest = (size: number, out: number, taps: number): number =>
      size + 2 * a.padding - ((out - 1) * a.stride + a.dilation * (taps - 1) + 1);
    return e.op("ConvTranspose", [dy, w], {
      ...convAttributes(a, wType.shape),
      output_padding: { ints: [rest(height, oh, kh), rest(width, ow, kw)] },
    });
  },
  grad: noSecondDerivative("conv2dGradX"),
});

// Stride 1: dX is dY convolved with W, channels swapped and taps reversed.
function emitFlippedConv(
  e: Emitter,
  dy: string,
  w: string,
  a: Conv2dAttributes,
  wShape: Shape,
): string {
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
  const attributes = {
    kernel_shape: { ints: [kh, kw] },
    pads: { ints: [ph, pw, ph, pw] },
    dilations: { ints: [a.dilation, a.dilation] },
    group: { int: groups },
  };
  if (groups > 1) return e.op("Conv", [dy, flipped], attributes);
  return emitConv(e, [dy, flipped], attributes, [perGroup, k, kh, kw]);
}

/** Operands and options of a value made by `conv2d`, else null. */
export function asConv2d(
  value: Value,
): { x: Value; w: Value; bias: Value | null; options: Conv2dAttributes } | null {
  if (value.source.kind !== "node" || value.source.node.op !== conv2dOp) return null;
  const { inputs, attributes } = value.source.node;
  const [x, w, bias = null] = inputs as readonly [Value, Value, Value?];
  return { x, w, bias, options: attributes as Conv2dAttributes };
}

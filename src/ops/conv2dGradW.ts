/** Gradient of a convolution with respect to its weights, in the form that is fastest for each shape. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Conv2dAttributes } from "./conv2d.ts";
import { emitConv } from "./emitConv.ts";

type Attributes = Conv2dAttributes & { readonly shape: Shape };

/** Names and shapes of the operands while emitting. */
interface Site {
  readonly x: string;
  readonly dy: string;
  readonly a: Attributes;
  readonly xShape: Shape;
  readonly dyShape: Shape;
}

/**
 * dW[k, c, i, j] = sum over n, y, x of dY[n, k, y, x] X[n, c, y s + i d - p, x s + j d - p].
 *
 * @param x   [N, C, H, W]
 * @param dy  [N, K, oh, ow]
 * @param a   attributes of the convolution and the shape of its weights
 */
export const conv2dGradW = (x: Value, dy: Value, a: Attributes): Value =>
  apply(conv2dGradWOp, [x, dy], a);

const conv2dGradWOp = defineOp<[x: Value, dy: Value], Attributes>({
  name: "conv2dGradW",
  infer: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  emit(e, [x, dy], a, { inputs: [xType, dyType] }) {
    const site = { x, dy, a, xShape: xType.shape, dyShape: dyType.shape };
    const [, , kh = 1, kw = 1] = a.shape;
    if (a.groups > 1) {
      const wide = Math.min(a.shape[1]!, a.shape[0]! / a.groups) >= 8;
      return wide && a.stride === 1 ? emitTaps(e, site) : emitGrouped(e, site);
    }
    if (kh === 1 && kw === 1 && a.padding === 0) return emitPointwise(e, site);
    // On large maps the side with more channels is better the kernel: its rows are what the engine reads again and again.
    const [, c = 1, height = 1, width = 1] = site.xShape;
    const [, k = 1, oh, ow] = site.dyShape;
    const keepsSize = a.stride === 1 && oh === height && ow === width;
    return k < c && keepsSize && height * width >= 1024
      ? emitSwapped(e, site)
      : emitFlattened(e, site);
  },
  grad: noSecondDerivative("conv2dGradW"),
});

// 1 x 1: a matrix product, dY X^T. Large maps: one product an image, then the sum over images; small maps: the images side by
// side in one product, because the sum over images would cost as much as the products.
function emitPointwise(e: Emitter, { x, dy, a, xShape, dyShape }: Site): string {
  const [n = 1, c = 1, height = 1, width = 1] = xShape;
  const [, k = 1, oh = 1, ow = 1] = dyShape;
  const s = a.stride;
  const sampled =
    s === 1
      ? x
      : e.op("Slice", [x, e.ints([0, 0]), e.ints([height, width]), e.ints([2, 3]), e.ints([s, s])]);
  const map = oh * ow;
  if (n === 1 || map < 256) {
    const side = (v: string, channels: number): string => {
      const byChannel = n === 1 ? v : e.op("Transpose", [v], { perm: { ints: [1, 0, 2, 3] } });
      return e.op("Reshape", [byChannel, e.ints([channels, n * map])]);
    };
    const columns = e.op("Transpose", [side(sampled, c)], { perm: { ints: [1, 0] } });
    return e.op("Reshape", [e.op("MatMul", [side(dy, k), columns]), e.ints(a.shape)]);
  }
  const rows = e.op("Reshape", [dy, e.ints([n, k, map])]);
  const columns = e.op("Reshape", [sampled, e.ints([n, c, map])]);
  // The engine takes the transposition into the product.
  const transposed = e.op("Transpose", [columns], { perm: { ints: [0, 2, 1] } });
  const each = e.op("MatMul", [rows, transposed]);
  const total = e.op("ReduceSum", [each, e.ints([0])], { keepdims: { int: 0 } });
  return e.op("Reshape", [total, e.ints(a.shape)]);
}

// One convolution: the batch becomes the input channel, the map with its channels [H, W C] the image, dY the kernel, and a
// dilation of C steps from pixel to pixel. Neighbouring output columns are neighbouring channels, so the engine gathers its
// columns in whole runs; no slice of X is ever made.
function emitFlattened(e: Emitter, { x, dy, a, xShape, dyShape }: Site): string {
  const [n = 1, c = 1, height = 1, width = 1] = xShape;
  const [, k = 1, oh = 1, ow = 1] = dyShape;
  const [, , kh = 1, kw = 1] = a.shape;
  const { stride: s, padding: p, dilation: d } = a;
  const pixels = e.op("Transpose", [x], { perm: { ints: [0, 2, 3, 1] } });
  const image = e.op("Reshape", [pixels, e.ints([1, n, height, width * c])]);
  const kernel = e.op("Transpose", [dy], { perm: { ints: [1, 0, 2, 3] } });
  // Padding at the end such that exactly the taps come out: rows d (kh - 1) + 1, columns as many pixels of C numbers. It is
  // negative where the last rows take part in no window; a negative pad cuts them off first.
  const end = (size: number, out: number, taps: number): number =>
    s * (out - 1) + d * (taps - 1) + 1 - size - p;
  const [endH, endW] = [end(height, oh, kh), end(width, ow, kw)];
  let cut = image;
  if (endH < 0 || endW < 0) {
    cut = e.op("Slice", [
      image,
      e.ints([0, 0]),
      e.ints([height + Math.min(endH, 0), (width + Math.min(endW, 0)) * c]),
      e.ints([2, 3]),
    ]);
  }
  const attributes = {
    kernel_shape: { ints: [oh, ow] },
    strides: { ints: [d, 1] },
    dilations: { ints: [s, s * c] },
    pads: { ints: [p, p * c, Math.max(endH, 0), Math.max(endW, 0) * c] },
  };
  const product = emitConv(e, [cut, kernel], attributes, [k, n, oh, ow]);
  // [1, K, kh, (d (kw - 1) + 1) C] -> [K, C, kh, kw]
  const columns = d * (kw - 1) + 1;
  let taps = e.op("Reshape", [product, e.ints([k, kh, columns, c])]);
  if (d > 1) {
    taps = e.op("Slice", [taps, e.ints([0]), e.ints([columns]), e.ints([2]), e.ints([d])]);
  }
  const flat = e.op("Reshape", [taps, e.ints([k, kh * kw, c])]);
  const swapped = e.op("Transpose", [flat], { perm: { ints: [0, 2, 1] } });
  return e.op("Reshape", [swapped, e.ints(a.shape)]);
}

// The same with the roles of X and dY exchanged, for stride 1 and maps that keep their size: the correlation of dY with X is that of
// X with dY, with all shifts reversed.
function emitSwapped(e: Emitter, { x, dy, a, xShape, dyShape }: Site): string {
  const [k = 1, c = 1, kh = 1, kw = 1] = a.shape;
  const shape = [c, k, kh, kw];
  const reversed = emitFlattened(e, {
    x: dy,
    dy: x,
    a: { ...a, shape },
    xShape: dyShape,
    dyShape: xShape,
  });
  const last = -(2 ** 31);
  const turned = e.op("Slice", [
    reversed,
    e.ints([-1, -1]),
    e.ints([last, last]),
    e.ints([2, 3]),
    e.ints([-1, -1]),
  ]);
  return e.op("Transpose", [turned], { perm: { ints: [1, 0, 2, 3] } });
}

// The batch becomes channels of a convolution whose kernel is dY: correct for any grouping.
function emitGrouped(e: Emitter, { x, dy, a, xShape, dyShape }: Site): string {
  const [n = 1, , height = 1, width = 1] = xShape;
  const [, , oh = 1, ow = 1] = dyShape;
  const [, perGroup = 1, kh = 1, kw = 1] = a.shape;
  const { groups: g, padding: p } = a;
  // [N, g, C/g, H, W] -> [C/g, g N, H, W]; [N, g K/g, oh, ow] -> [g K/g, N, oh, ow]
  const split = e.op("Reshape", [x, e.ints([n, g, perGroup, height, width])]);
  const swapped = e.op("Transpose", [split], { perm: { ints: [2, 1, 0, 3, 4] } });
  const maps = e.op("Reshape", [swapped, e.ints([perGroup, g * n, height, width])]);
  const kernel = e.op("Transpose", [dy], { perm: { ints: [1, 0, 2, 3] } });
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

// Wide groups, stride 1 (kernels of an image each are such groups): for every tap, one matrix product a group of dY with the
// shifted X.
function emitTaps(e: Emitter, { x, dy, a, xShape, dyShape }: Site): string {
  const [n = 1, c = 1, height = 1, width = 1] = xShape;
  const [, k = 1, oh = 1, ow = 1] = dyShape;
  const [, perGroup = 1, kh = 1, kw = 1] = a.shape;
  const { groups: g, padding: p, dilation: d } = a;
  const padded = p > 0 ? e.op("Pad", [x, e.ints([0, 0, p, p, 0, 0, p, p])]) : x;
  const rows = e.op("Reshape", [dy, e.ints([n, g, k / g, oh * ow])]);
  const taps: string[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const [top, left] = [i * d, j * d];
      const whole = top === 0 && left === 0 && oh === height + 2 * p && ow === width + 2 * p;
      const shifted = whole
        ? padded
        : e.op("Slice", [
            padded,
            e.ints([top, left]),
            e.ints([top + oh, left + ow]),
            e.ints([2, 3]),
          ]);
      const columns = e.op("Reshape", [shifted, e.ints([n, g, c / g, oh * ow])]);
      const transposed = e.op("Transpose", [columns], { perm: { ints: [0, 1, 3, 2] } });
      taps.push(e.op("MatMul", [rows, transposed]));
    }
  }
  // kh kw times [N, g, K / g, C / g] -> [K, C / g, kh, kw]
  const stacked = e.op(
    "Concat",
    taps.map((tap) => e.op("Reshape", [tap, e.ints([n, k * perGroup, 1])])),
    { axis: { int: 2 } },
  );
  const total =
    n > 1 ? e.op("ReduceSum", [stacked, e.ints([0])], { keepdims: { int: 0 } }) : stacked;
  return e.op("Reshape", [total, e.ints(a.shape)]);
}

/** Sums and affine maps for each channel of [N, C, H, W], in the forms that are fastest on the CPU. */
import type { Emitter } from "../graph/value.ts";
import type { Shape } from "../tensor/shape.ts";

/**
 * From this many pixels on, a map with one kernel a channel is best run as a depthwise convolution: one pass, both cores. Below,
 * starting so many small convolutions costs more than it saves.
 */
const LARGE_MAP = 257;

const mapSize = ([, , height = 1, width = 1]: Shape): number => height * width;

/** Sum over batch and map of each channel: [N, C, H, W] -> [C]. Rows first: the order that the engine sums fast. */
export function emitChannelSum(e: Emitter, x: string, shape: Shape): string {
  const [n = 1, c = 1] = shape;
  const rows = e.op("Reshape", [x, e.ints([n * c, mapSize(shape)])]);
  return sumOverBatch(e, e.op("ReduceSum", [rows, e.ints([1])], { keepdims: { int: 0 } }), n, c);
}

/**
 * Sum over batch and map of A B for each channel -> [C].
 *
 * Large maps: a convolution whose kernel is the whole other map, which multiplies and sums in one pass.
 */
export function emitChannelDot(e: Emitter, a: string, b: string, shape: Shape): string {
  const [n = 1, c = 1, height = 1, width = 1] = shape;
  if (mapSize(shape) < LARGE_MAP) return emitChannelSum(e, e.op("Mul", [a, b]), shape);
  const map = e.op("Reshape", [a, e.ints([1, n * c, height, width])]);
  const kernel = e.op("Reshape", [b, e.ints([n * c, 1, height, width])]);
  const dots = e.op("Conv", [map, kernel], {
    kernel_shape: { ints: [height, width] },
    group: { int: n * c },
  });
  return sumOverBatch(e, dots, n, c);
}

function sumOverBatch(e: Emitter, perImage: string, n: number, c: number): string {
  if (n === 1) return e.op("Reshape", [perImage, e.ints([c])]);
  const table = e.op("Reshape", [perImage, e.ints([n, c])]);
  return e.op("ReduceSum", [table, e.ints([0])], { keepdims: { int: 0 } });
}

/** scale[c] X + shift[c]; scale and shift are [C]. */
export function emitAffine(
  e: Emitter,
  x: string,
  scale: string,
  shift: string,
  shape: Shape,
): string {
  const c = shape[1]!;
  if (mapSize(shape) >= LARGE_MAP) {
    return e.op("Conv", [x, column(e, scale, c), shift], depthwise(c));
  }
  // The inference form with mean 0 and variance 1 is an affine map in one pass.
  const [zero, one] = [e.op("Sub", [scale, scale]), e.scalar(1)];
  const ones = e.op("Add", [zero, one]);
  return e.op("BatchNormalization", [x, scale, shift, zero, ones], { epsilon: { float: 0 } });
}

/** Z + scale[c] X + shift[c]. */
export function emitAffineAdd(
  e: Emitter,
  x: string,
  scale: string,
  shift: string,
  z: string,
  shape: Shape,
): string {
  const c = shape[1]!;
  if (e.target === "cpu" && mapSize(shape) >= LARGE_MAP) {
    return e.op("FusedConv", [x, column(e, scale, c), shift, z], depthwise(c), "com.microsoft");
  }
  return e.op("Add", [z, emitAffine(e, x, scale, shift, shape)]);
}

/** scale[c] X. */
export function emitScale(e: Emitter, x: string, scale: string, shape: Shape): string {
  const c = shape[1]!;
  if (mapSize(shape) >= LARGE_MAP) return e.op("Conv", [x, column(e, scale, c)], depthwise(c));
  return e.op("Mul", [x, e.op("Reshape", [scale, e.ints([1, c, 1, 1])])]);
}

const column = (e: Emitter, v: string, c: number): string =>
  e.op("Reshape", [v, e.ints([c, 1, 1, 1])]);

const depthwise = (c: number) => ({ kernel_shape: { ints: [1, 1] }, group: { int: c } });

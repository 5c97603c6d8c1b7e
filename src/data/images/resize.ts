/** Changing the size of pictures: bilinear with area averaging for images and maps, nearest for masks. */
import type { FloatMap, Labels, Mask, RgbImage } from "../../tensor/raster.ts";

/**
 * For output positions `start` to below `end` along one axis: the first input position, how many, and their weights, in 65536ths:
 * whole numbers, so that sums of 8-bit values are exact in any order, and a graph on another runtime gets the same pixels.
 */
interface Taps {
  readonly start: number;
  readonly end: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `most` weights for each output position; those of one position sum to `one`. */
  readonly weights: Int32Array;
  readonly most: number;
}

/** Sides of a picture or map. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Weights of a table, 1 MB: one of a whole axis could be larger than the picture. */
const mostWeights = 2 ** 17;
/** Numbers of a strip, 4 MB: pictures are resized strip by strip, so that only 8-bit values are kept. */
const mostInStrip = 2 ** 20;

/** What the weights of a position sum to. */
const one = 2 ** 16;

/** The input positions that an output position is made of, the first and the last. */
function reach(from: number, to: number, o: number): readonly [low: number, high: number] {
  const scale = from / to;
  const support = Math.max(1, scale);
  const centre = (o + 0.5) * scale - 0.5;
  return [
    Math.max(0, Math.ceil(centre - support)),
    Math.min(from - 1, Math.floor(centre + support)),
  ];
}

/**
 * Triangle filter, w(i) = max(0, 1 - |i - c| / s) / sum, with c = (o + 1/2) from / to - 1/2 (half-pixel centres) and
 * s = max(1, from / to): bilinear when enlarging, an area average when shrinking. Multiplied by 2 max(from, to) the weights are whole,
 *
 *   u(i) = max(0, 2 max(from, to) - |(2 i + 1) to - (2 o + 1) from|),
 *
 * and their running sums U(i) are rounded, not they themselves, so that their sum stays what it is:
 *
 *   w(i) = round(65536 U(i) / U(last)) - round(65536 U(i - 1) / U(last)).
 */
function triangleTaps(from: number, to: number, start: number, end: number): Taps {
  const support = Math.max(1, from / to);
  const most = Math.ceil(2 * support) + 1;
  const positions = end - start;
  const first = new Int32Array(positions);
  const count = new Int32Array(positions);
  const weights = new Int32Array(positions * most);
  const top = 2 * Math.max(from, to);
  const sums = new Float64Array(most);
  for (let at = 0; at < positions; at++) {
    const [low, high] = reach(from, to, start + at);
    const taps = high - low + 1;
    const centre = (2 * (start + at) + 1) * from;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      sum += Math.max(0, top - Math.abs((2 * (low + k) + 1) * to - centre));
      sums[k] = sum;
    }
    let before = 0;
    for (let k = 0; k < taps; k++) {
      const rounded = Math.floor((2 * one * sums[k]! + sum) / (2 * sum));
      weights[at * most + k] = rounded - before;
      before = rounded;
    }
    first[at] = low;
    count[at] = taps;
  }
  return { start, end, first, count, weights, most };
}

/** Tables that together cover an axis, none of them large. */
function* tapsAlong(from: number, to: number): Generator<Taps> {
  const most = Math.ceil(2 * Math.max(1, from / to)) + 1;
  const step = Math.max(1, Math.floor(mostWeights / most));
  for (let o = 0; o < to; o += step) yield triangleTaps(from, to, o, Math.min(to, o + step));
}

type Values = Uint8Array | Float32Array | Float64Array;

/** Every row of `from` positions becomes one of `to`, `channels` interleaved; 65536 times as large. */
function alongX(data: Values, channels: number, from: number, to: number): Float64Array {
  const stride = from * channels;
  const rows = data.length / stride;
  const result = new Float64Array(rows * to * channels);
  for (const x of tapsAlong(from, to)) {
    const width = x.end - x.start;
    for (let row = 0; row < rows; row++) {
      let at = (row * to + x.start) * channels;
      for (let o = 0; o < width; o++) {
        const source = row * stride + x.first[o]! * channels;
        const first = o * x.most;
        const end = x.count[o]! * channels;
        for (let c = 0; c < channels; c++, at++) {
          let sum = 0;
          for (let k = c, tap = first; k < end; k += channels, tap++) {
            sum += x.weights[tap]! * data[source + k]!;
          }
          result[at] = sum;
        }
      }
    }
  }
  return result;
}

/** The output rows of `y`, each a weighted sum of input rows of `stride` values, the first of them row `top`; 65536 times as large. */
function alongY(data: Values, stride: number, top: number, y: Taps): Float64Array {
  const height = y.end - y.start;
  const result = new Float64Array(height * stride);
  for (let o = 0; o < height; o++) {
    const line = result.subarray(o * stride, (o + 1) * stride);
    for (let k = 0; k < y.count[o]!; k++) {
      const weight = y.weights[o * y.most + k]!;
      const from = (y.first[o]! + k - top) * stride;
      for (let i = 0; i < stride; i++) line[i]! += weight * data[from + i]!;
    }
  }
  return result;
}

/** What `resampleRows` gives is as many times as large: a power of two, whose division is exact. */
const scaled = one * one;

/**
 * Rows `start` to below `end` of the resized whole, `channels` interleaved; `scaled` times as large. Which direction comes first
 * follows from the sizes alone, the one that leaves less to do, so that strips and the whole are the same to the last bit.
 *
 * @param data  rows of the source from row `top` on, at least those that the output rows are made of
 */
function resampleRows(
  data: Values,
  channels: number,
  top: number,
  from: Size,
  to: Size,
  start: number,
  end: number,
): Float64Array {
  const y = triangleTaps(from.height, to.height, start, end);
  const stride = from.width * channels;
  const low = reach(from.height, to.height, start)[0];
  const high = reach(from.height, to.height, end - 1)[1];
  const rows = data.subarray((low - top) * stride, (high + 1 - top) * stride);
  if (to.height < from.height) {
    return alongX(alongY(rows, stride, low, y), channels, from.width, to.width);
  }
  return alongY(alongX(rows, channels, from.width, to.width), to.width * channels, low, y);
}

/** Rows `start` to below `end` of the image at another size; see `resizeImage`. */
export function resizeImageRows(
  image: RgbImage,
  width: number,
  height: number,
  start: number,
  end: number,
): RgbImage {
  const rows = end - start;
  if (image.width === width && image.height === height) {
    return { width, height: rows, data: image.data.subarray(start * width * 3, end * width * 3) };
  }
  const data = new Uint8Array(rows * width * 3);
  const step = Math.max(1, Math.floor(mostInStrip / (width * 3)));
  for (let y = start; y < end; y += step) {
    const values = resampleRows(
      ...([image.data, 3, 0, image, { width, height }, y, Math.min(end, y + step)] as const),
    );
    const at = (y - start) * width * 3;
    for (let i = 0; i < values.length; i++) data[at + i] = Math.floor(values[i]! / scaled + 0.5);
  }
  return { width, height: rows, data };
}

/**
 * The image at another size: bilinear with half-pixel centres, averaging over the covered area when
 * shrinking (as Pillow's BILINEAR and PyTorch's `antialias=True`).
 *
 * @param width   pixels, at least 1
 * @param height  pixels, at least 1
 * @returns the same object when the size does not change
 */
export function resizeImage(image: RgbImage, width: number, height: number): RgbImage {
  if (image.width === width && image.height === height) return image;
  return resizeImageRows(image, width, height, 0, height);
}

/**
 * The map at another size, interpolated as images are. This is how a probability map goes back to the
 * size of the picture it belongs to.
 *
 * @returns the same object when the size does not change
 */
export function resizeMap(map: FloatMap, width: number, height: number): FloatMap {
  if (map.width === width && map.height === height) return map;
  return { width, height, data: resizeMapRows(map, width, height, 0, height) };
}

/** Rows `start` to below `end` of the map at another size; see `resizeMap`. */
export const resizeMapRows = (
  map: FloatMap,
  width: number,
  height: number,
  start: number,
  end: number,
): Float32Array => unscaled(resampleRows(map.data, 1, 0, map, { width, height }, start, end));

function unscaled(values: Float64Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = values[i]! / scaled;
  return result;
}

/** Takes the rows of maps in their order, and gives those of the resized maps as soon as they are known. */
export interface RowResizer {
  /**
   * @param planes  the next rows of each map
   * @returns       the next rows of each resized map, maybe none
   */
  push(planes: readonly Float32Array[]): Float32Array[];
}

/** Resizes maps of one size that are never whole in memory; see `resizeMap`. */
export function createRowResizer(from: Size, to: Size): RowResizer {
  if (from.width === to.width && from.height === to.height)
    return { push: (planes) => [...planes] };
  let held: Float32Array[] = [];
  let top = 0;
  let next = 0;
  return {
    push(planes) {
      held = planes.map((plane, i) => joined(held[i], plane));
      const known = top + (held[0]?.length ?? 0) / from.width;
      const start = next;
      while (next < to.height && reach(from.height, to.height, next)[1] < known) next++;
      const rows = held.map((data) =>
        next > start
          ? unscaled(resampleRows(data, 1, top, from, to, start, next))
          : new Float32Array(0),
      );
      const keep = next < to.height ? reach(from.height, to.height, next)[0] : known;
      held = held.map((data) => data.slice((keep - top) * from.width));
      top = keep;
      return rows;
    },
  };
}

function joined(before: Float32Array | undefined, after: Float32Array): Float32Array {
  if (before === undefined || before.length === 0) return after;
  const all = new Float32Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}

/**
 * The mask at another size: nearest neighbour with half-pixel centres, source = floor((o + 1/2) from / to).
 *
 * @returns the same object when the size does not change
 */
export function resizeMask(mask: Mask, width: number, height: number): Mask {
  if (mask.width === width && mask.height === height) return mask;
  return { width, height, data: nearest(mask.data, mask, new Uint8Array(width * height), width) };
}

/** The labels at another size, as `resizeMask`. */
export function resizeLabels(labels: Labels, width: number, height: number): Labels {
  if (labels.width === width && labels.height === height) return labels;
  const { classes, instances } = labels;
  const area = width * height;
  return {
    width,
    height,
    classes: nearest(classes, labels, new Uint8Array(area), width),
    ...(instances && { instances: nearest(instances, labels, new Int32Array(area), width) }),
  };
}

/** Fills `to`, `width` wide, with the nearest of `from`. */
function nearest<T extends Uint8Array | Int32Array>(from: T, size: Size, to: T, width: number): T {
  const height = to.length / width;
  const column = new Int32Array(width);
  for (let x = 0; x < width; x++) column[x] = Math.floor(((x + 0.5) * size.width) / width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * size.height) / height) * size.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + column[x]!]!;
  }
  return to;
}

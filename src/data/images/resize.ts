/** Changing the size of pictures: bilinear with area averaging for images and maps, nearest for masks. */
import type { FloatMap, Labels, Mask, RgbImage } from "../../tensor/raster.ts";

/** For every output position along one axis: the first input position, how many, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `most` weights for each output position; those of one position sum to 1. */
  readonly weights: Float64Array;
  readonly most: number;
}

/**
 * Triangle filter, w(i) = max(0, 1 - |i - c| / s) / sum, with c = (o + 1/2) from / to - 1/2 (half-pixel
 * centres) and s = max(1, from / to): bilinear when enlarging, an area average when shrinking.
 */
function triangleTaps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(1, scale);
  const most = Math.ceil(2 * support) + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * most);
  for (let o = 0; o < to; o++) {
    const centre = (o + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.ceil(centre - support));
    const high = Math.min(from - 1, Math.floor(centre + support));
    let sum = 0;
    for (let i = low; i <= high; i++) {
      const weight = Math.max(0, 1 - Math.abs(i - centre) / support);
      weights[o * most + i - low] = weight;
      sum += weight;
    }
    for (let k = 0; k <= high - low; k++) weights[o * most + k]! /= sum;
    first[o] = low;
    count[o] = high - low + 1;
  }
  return { first, count, weights, most };
}

type Values = Uint8Array | Float32Array;

/** Every row of `stride` values becomes one of `width * channels`. */
function alongX(data: Values, channels: number, stride: number, x: Taps): Float32Array {
  const rows = data.length / stride;
  const width = x.first.length;
  const result = new Float32Array(rows * width * channels);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let o = 0; o < width; o++) {
      const from = row * stride + x.first[o]! * channels;
      const first = o * x.most;
      const end = x.count[o]! * channels;
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let at = c, tap = first; at < end; at += channels, tap++) {
          sum += x.weights[tap]! * data[from + at]!;
        }
        result[to] = sum;
      }
    }
  }
  return result;
}

/** Every output row is a weighted sum of input rows of `stride` values. */
function alongY(data: Values, stride: number, y: Taps): Float32Array {
  const height = y.first.length;
  const result = new Float32Array(height * stride);
  const line = new Float64Array(stride);
  for (let o = 0; o < height; o++) {
    line.fill(0);
    for (let k = 0; k < y.count[o]!; k++) {
      const weight = y.weights[o * y.most + k]!;
      const from = (y.first[o]! + k) * stride;
      for (let i = 0; i < stride; i++) line[i]! += weight * data[from + i]!;
    }
    result.set(line, o * stride);
  }
  return result;
}

/** Both directions, `channels` interleaved, in the order that leaves less to do. Unrounded values. */
function resample(
  data: Values,
  channels: number,
  [fromWidth, fromHeight]: readonly [number, number],
  [width, height]: readonly [number, number],
): Float32Array {
  const x = triangleTaps(fromWidth, width);
  const y = triangleTaps(fromHeight, height);
  return height < fromHeight
    ? alongX(alongY(data, fromWidth * channels, y), channels, fromWidth * channels, x)
    : alongY(alongX(data, channels, fromWidth * channels, x), width * channels, y);
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
  const values = resample(image.data, 3, [image.width, image.height], [width, height]);
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(values[i]! + 0.5);
  return { width, height, data };
}

/**
 * The map at another size, interpolated as images are. This is how a probability map goes back to the
 * size of the picture it belongs to.
 *
 * @returns the same object when the size does not change
 */
export function resizeMap(map: FloatMap, width: number, height: number): FloatMap {
  if (map.width === width && map.height === height) return map;
  const data = resample(map.data, 1, [map.width, map.height], [width, height]);
  return { width, height, data };
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
function nearest<T extends Uint8Array | Int32Array>(
  from: T,
  size: { readonly width: number; readonly height: number },
  to: T,
  width: number,
): T {
  const height = to.length / width;
  const column = new Int32Array(width);
  for (let x = 0; x < width; x++) column[x] = Math.floor(((x + 0.5) * size.width) / width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * size.height) / height) * size.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + column[x]!]!;
  }
  return to;
}

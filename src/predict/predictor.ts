/** What prediction needs of a network, and averaging over flips. */

/** A map inside a network. */
export interface InnerMap {
  /** [N, channels, height, width] */
  readonly data: Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** Outputs for N images. */
export interface Prediction {
  /** [N, channels, H, W], in 0..1. */
  readonly probabilities: Float32Array;
  /** Present if the predictor was opened with maps. */
  readonly maps?: {
    /** Edge probability, [N, 1, H, W], of networks that have one. */
    readonly edge?: Float32Array;
    /** Guidance of networks that have one. */
    readonly guidance?: InnerMap;
  };
}

/** A network with fixed weights. */
export interface Predictor {
  /** Output channels: one for foreground against background, else the background and one a class. */
  readonly channels: number;
  /** Height and width of its input, pixels. */
  readonly size: number;
  /**
   * @param images  [N, 3, size, size], normalised
   * @param count   N, any
   */
  predict(images: Float32Array, count: number): Promise<Prediction>;
  dispose(): Promise<void>;
}

/**
 * Predicts the images as they are, mirrored left-right, top-bottom and both ways, and averages the
 * probabilities (flipped back). Guidance is that of the images as they are.
 */
export async function predictWithFlips(
  predictor: Predictor,
  images: Float32Array,
  count: number,
): Promise<Prediction> {
  const { size } = predictor;
  const first = await predictor.predict(images, count);
  const probabilities = first.probabilities.slice();
  const edge = first.maps?.edge?.slice();
  for (const [horizontal, vertical] of [
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const flip = (data: Float32Array): Float32Array => flipPlanes(data, size, horizontal, vertical);
    const other = await predictor.predict(flip(images), count);
    addTo(probabilities, flip(other.probabilities));
    if (edge && other.maps?.edge) addTo(edge, flip(other.maps.edge));
  }
  for (const sums of [probabilities, ...(edge ? [edge] : [])]) {
    for (let i = 0; i < sums.length; i++) sums[i]! /= 4;
  }
  return first.maps
    ? { probabilities, maps: { ...first.maps, ...(edge && { edge }) } }
    : { probabilities };
}

/** Mirrors every size x size plane of `data`, into a new array. */
export function flipPlanes(
  data: Float32Array,
  size: number,
  horizontal: boolean,
  vertical: boolean,
): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < data.length / size; row++) {
    const y = row % size;
    const from = (vertical ? row - y + (size - 1 - y) : row) * size;
    const line = data.subarray(from, from + size);
    result.set(line, row * size);
    if (horizontal) result.subarray(row * size, (row + 1) * size).reverse();
  }
  return result;
}

function addTo(sums: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}

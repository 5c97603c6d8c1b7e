/** Which stored values become black and white: how images of any depth become the 8 bits that are worked with. */

/**
 * `fixed`: the upper 8 bits of what the file can hold. `image`: from the 1st to the 99th percentile of each channel of the image
 * itself, as Cellpose does. `dataset`: from and to values that were measured over the training images.
 */
export const normaliseModes = ["fixed", "image", "dataset"] as const;

export type NormaliseMode = (typeof normaliseModes)[number];

/** Percentiles that become black and white. */
const [lowShare, highShare] = [0.01, 0.99];

/** Stored values that become black and white, of red, green and blue. */
export interface MeasuredRange {
  /** Bits of a stored value that they were measured on. */
  readonly bits: 8 | 16;
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** How the values of an image are read. */
export type ValueRange =
  | { readonly mode: "fixed" }
  | { readonly mode: "image" }
  | ({ readonly mode: "dataset" } & MeasuredRange);

/** An image as it is stored: red, green and blue interleaved. */
export interface StoredImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array;
}

export const bitsOf = (image: StoredImage): 8 | 16 => (image.data instanceof Uint16Array ? 16 : 8);

/** How often every value occurs, channel after channel. */
export interface ValueCounts {
  readonly bits: 8 | 16;
  /** [3, 2^bits] */
  readonly counts: Float64Array;
}

export const emptyCounts = (bits: 8 | 16): ValueCounts => ({
  bits,
  counts: new Float64Array(3 * 2 ** bits),
});

/** Adds the values of an image of the same depth. */
export function countValues({ data }: StoredImage, { bits, counts }: ValueCounts): void {
  const green = 2 ** bits;
  const blue = 2 * green;
  for (let i = 0; i < data.length; i += 3) {
    counts[data[i]!]!++;
    counts[green + data[i + 1]!]!++;
    counts[blue + data[i + 2]!]!++;
  }
}

/** The 1st and the 99th percentile of each channel, interpolated as `numpy.percentile` does. */
export function measuredRange({ bits, counts }: ValueCounts): MeasuredRange {
  const channels = [0, 1, 2].map((c) => counts.subarray(c * 2 ** bits, (c + 1) * 2 ** bits));
  const at = (share: number): [number, number, number] => {
    const [red, green, blue] = channels.map((channel) => percentile(channel, share));
    return [red!, green!, blue!];
  };
  return { bits, low: at(lowShare), high: at(highShare) };
}

/** The smallest and the largest value of any channel. */
export function extremes({ bits, counts }: ValueCounts): readonly [least: number, most: number] {
  const values = 2 ** bits;
  const any = (value: number): boolean => [0, 1, 2].some((c) => counts[c * values + value]! > 0);
  let least = 0;
  while (least < values - 1 && !any(least)) least++;
  let most = values - 1;
  while (most > 0 && !any(most)) most--;
  return [least, most];
}

/** The value at rank `share` (n - 1), from 0, between neighbouring ranks linear. */
function percentile(counts: Float64Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rank = share * Math.max(0, total - 1);
  const below = valueAt(counts, Math.floor(rank));
  const above = valueAt(counts, Math.ceil(rank));
  return below + (above - below) * (rank - Math.floor(rank));
}

/** The value of a rank, from 0. */
function valueAt(counts: Float64Array, rank: number): number {
  let seen = 0;
  for (let value = 0; value < counts.length; value++) {
    seen += counts[value]!;
    if (seen > rank) return value;
  }
  return 0;
}

/**
 * round(255 (v - low) / (high - low)), clamped to 0..255, for each channel of the image; with `fixed` the upper 8 bits. A channel
 * of one value is black.
 */
export function toEightBits(image: StoredImage, range: ValueRange): Uint8Array {
  const { data } = image;
  if (range.mode === "fixed") {
    return data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => value >> 8);
  }
  const bits = bitsOf(image);
  const { low, high } = range.mode === "dataset" ? range : ownRange(image);
  const tables = low.map((from, c) => {
    const span = high[c]! - from;
    return Uint8Array.from({ length: 2 ** bits }, (_, value) =>
      span > 1e-3 ? Math.floor(Math.min(1, Math.max(0, (value - from) / span)) * 255 + 0.5) : 0,
    );
  });
  const [red, green, blue] = [tables[0]!, tables[1]!, tables[2]!];
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    result[i] = red[data[i]!]!;
    result[i + 1] = green[data[i + 1]!]!;
    result[i + 2] = blue[data[i + 2]!]!;
  }
  return result;
}

function ownRange(image: StoredImage): MeasuredRange {
  const counts = emptyCounts(bitsOf(image));
  countValues(image, counts);
  return measuredRange(counts);
}

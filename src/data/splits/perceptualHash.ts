/** A small grey picture of an image, and a hash of it that survives re-encoding and resizing. */

/** Height and width of a thumbnail, pixels. */
export const thumbnailSize = 32;

/** Grey levels of a thumbnail, `grey[y * 32 + x]`, 0 to 255. */
export type Thumbnail = Uint8Array;

/** A 64-bit hash in four words of 16 bits, over which neighbouring frequencies are dealt in turn. */
export type PerceptualHash = Uint16Array;

const frequencies = 8;

/** cos(pi / 32 (x + 1/2) u) for u = 1..8: rows of 32. */
const cosines = Float64Array.from({ length: frequencies * thumbnailSize }, (_, i) => {
  const [u, x] = [Math.floor(i / thumbnailSize) + 1, i % thumbnailSize];
  return Math.cos((Math.PI / thumbnailSize) * (x + 0.5) * u);
});

/** Luma of RGB values, interleaved, by the weights of BT.601: Y = 0.299 R + 0.587 G + 0.114 B. */
export const greyOf = (rgb: Uint8Array): Thumbnail =>
  Uint8Array.from({ length: rgb.length / 3 }, (_, i) =>
    Math.round(0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!),
  );

/** Amplitudes of the 8 x 8 lowest frequencies, `spectrum[(v - 1) * 8 + u - 1]`. */
export type Spectrum = Float64Array;

/**
 * The lowest frequencies of a thumbnail g, the constant ones left out:
 * C(u, v) = sum over x, y of g(x, y) cos(pi (2x + 1) u / 64) cos(pi (2y + 1) v / 64), u and v from 1 to 8.
 */
export function spectrumOf(thumbnail: Thumbnail): Spectrum {
  const n = thumbnailSize;
  const rows = new Float64Array(n * frequencies);
  for (let y = 0; y < n; y++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0;
      for (let x = 0; x < n; x++) sum += thumbnail[y * n + x]! * cosines[u * n + x]!;
      rows[y * frequencies + u] = sum;
    }
  }
  const spectrum = new Float64Array(frequencies * frequencies);
  for (let v = 0; v < frequencies; v++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0;
      for (let y = 0; y < n; y++) sum += rows[y * frequencies + u]! * cosines[v * n + y]!;
      spectrum[v * frequencies + u] = sum;
    }
  }
  return spectrum;
}

/**
 * The signs of a spectrum against its median: brightness and contrast do not change it.
 *
 * @see C. Zauner, Implementation and benchmarking of perceptual image hash functions, 2010, section 3.2
 */
export function perceptualHash(spectrum: Spectrum): PerceptualHash {
  const sorted = spectrum.toSorted();
  const median = (sorted[31]! + sorted[32]!) / 2;
  const hash = new Uint16Array(4);
  for (let i = 0; i < spectrum.length; i++) {
    if (spectrum[i]! > median) hash[i & 3]! |= 1 << (i >> 2);
  }
  return hash;
}

/** Bits set in a 16-bit word. */
export function bitCount(word: number): number {
  let bits = word - ((word >> 1) & 0x5555);
  bits = (bits & 0x3333) + ((bits >> 2) & 0x3333);
  bits = (bits + (bits >> 4)) & 0x0f0f;
  return (bits + (bits >> 8)) & 0x1f;
}

/** Standard deviation of the grey levels. */
export function contrastOf(thumbnail: Thumbnail): number {
  let [sum, squares] = [0, 0];
  for (const grey of thumbnail) {
    sum += grey;
    squares += grey * grey;
  }
  const mean = sum / thumbnail.length;
  return Math.sqrt(Math.max(0, squares / thumbnail.length - mean * mean));
}

/** Pearson's correlation of two thumbnails, -1 to 1; 0 if one of them is flat. */
export function correlationOf(a: Thumbnail, b: Thumbnail): number {
  const spread = contrastOf(a) * contrastOf(b);
  if (spread === 0) return 0;
  let [sumA, sumB, products] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
    products += a[i]! * b[i]!;
  }
  const n = a.length;
  return (products / n - (sumA / n) * (sumB / n)) / spread;
}

/** The symmetries of the square: four turns, and each of them mirrored. */
export const symmetries = [
  "none",
  "mirrorX",
  "mirrorY",
  "halfTurn",
  "transpose",
  "turnLeft",
  "turnRight",
  "antitranspose",
] as const;
export type Symmetry = (typeof symmetries)[number];

/** Whether it swaps x and y, and which of them it then mirrors: (x, y) is taken from there. */
const steps: Readonly<Record<Symmetry, readonly [swap: boolean, x: boolean, y: boolean]>> = {
  none: [false, false, false],
  mirrorX: [false, true, false],
  mirrorY: [false, false, true],
  halfTurn: [false, true, true],
  transpose: [true, false, false],
  turnLeft: [true, true, false],
  turnRight: [true, false, true],
  antitranspose: [true, true, true],
};

/**
 * The thumbnail turned or mirrored: `mirrorX` swaps left and right, `mirrorY` top and bottom, `transpose`
 * rows and columns; `turnLeft` and `turnRight` are quarter turns, counter-clockwise and clockwise. The result
 * at (x, y) is taken from (x, y), with x and y swapped and then mirrored as the symmetry says.
 */
export function turnThumbnail(thumbnail: Thumbnail, symmetry: Symmetry): Thumbnail {
  const [swap, mirrorX, mirrorY] = steps[symmetry];
  const last = thumbnailSize - 1;
  return thumbnail.map((_, i) => {
    const [column, row] = [i % thumbnailSize, Math.floor(i / thumbnailSize)];
    const [x, y] = swap ? [row, column] : [column, row];
    return thumbnail[(mirrorY ? last - y : y) * thumbnailSize + (mirrorX ? last - x : x)]!;
  });
}

/**
 * The spectrum of the thumbnail turned or mirrored: to swap x and y swaps u and v, to mirror x or y multiplies
 * by (-1)^u or (-1)^v.
 */
export function turnSpectrum(spectrum: Spectrum, symmetry: Symmetry): Spectrum {
  const [swap, mirrorX, mirrorY] = steps[symmetry];
  return spectrum.map((_, i) => {
    const [column, row] = [i % frequencies, Math.floor(i / frequencies)];
    const [u, v] = swap ? [row, column] : [column, row];
    // u = 0 is the first frequency, which is odd.
    const odd = (mirrorX && u % 2 === 0) !== (mirrorY && v % 2 === 0);
    const amplitude = spectrum[v * frequencies + u]!;
    return odd ? -amplitude : amplitude;
  });
}

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

/**
 * The signs of the 8 x 8 lowest frequencies, the constant ones left out, against their median:
 * C(u, v) = sum over x, y of g(x, y) cos(pi (2x + 1) u / 64) cos(pi (2y + 1) v / 64), u and v from 1 to 8.
 * Brightness and contrast do not change it.
 *
 * @see C. Zauner, Implementation and benchmarking of perceptual image hash functions, 2010, section 3.2
 */
export function perceptualHash(thumbnail: Thumbnail): PerceptualHash {
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

/** How a thumbnail may be turned over. */
export const flips = ["none", "horizontal", "vertical", "both"] as const;
export type Flip = (typeof flips)[number];

/** The thumbnail turned over; `both` is half a turn. */
export function flipThumbnail(thumbnail: Thumbnail, flip: Flip): Thumbnail {
  const last = thumbnailSize - 1;
  const mirrorX = flip === "horizontal" || flip === "both";
  const mirrorY = flip === "vertical" || flip === "both";
  return thumbnail.map((_, i) => {
    const [x, y] = [i % thumbnailSize, Math.floor(i / thumbnailSize)];
    return thumbnail[(mirrorY ? last - y : y) * thumbnailSize + (mirrorX ? last - x : x)]!;
  });
}

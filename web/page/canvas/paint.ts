/** Colours of the layers: from masks and maps to pixels for a canvas. Colours are safe for the colour-blind (Okabe and Ito). */
import { within, type Area } from "../drawing/edits.ts";

type Rgb = readonly [red: number, green: number, blue: number];

/** Of the classes 1 to K, again from the first behind the last. */
export const classColours: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [213, 94, 0],
];
export const truthColour: Rgb = [0, 200, 255];

export const colourOfClass = (kind: number): Rgb => classColours[(kind - 1) % classColours.length]!;

/** The image as RGBA, with values from `low` to `high` from black to white. */
export function imagePixels(
  data: Uint8Array,
  { low, high }: { readonly low: number; readonly high: number },
): Uint8ClampedArray<ArrayBuffer> {
  const span = Math.max(1, high - low);
  const table = Uint8ClampedArray.from({ length: 256 }, (_, v) => ((v - low) / span) * 255);
  const pixels = new Uint8ClampedArray((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    pixels[to] = table[data[from]!]!;
    pixels[to + 1] = table[data[from + 1]!]!;
    pixels[to + 2] = table[data[from + 2]!]!;
    pixels[to + 3] = 255;
  }
  return pixels;
}

interface Classes {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * An area of a mask as RGBA: filled, or only the pixels at borders between classes.
 *
 * @param thickness  of the outline, pixels of the image; 0 fills
 */
export function maskPixels(
  mask: Classes,
  area: Area,
  thickness: number,
  colourOf: (kind: number) => Rgb = colourOfClass,
): Uint8ClampedArray<ArrayBuffer> {
  const { width, data } = mask;
  const { left, top, right, bottom } = area;
  const pixels = new Uint8ClampedArray((right - left) * (bottom - top) * 4);
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, to += 4) {
      const kind = data[y * width + x]!;
      if (kind === 0 || (thickness > 0 && !atBorder(mask, x, y, thickness))) continue;
      const [red, green, blue] = colourOf(kind);
      pixels[to] = red;
      pixels[to + 1] = green;
      pixels[to + 2] = blue;
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/** Whether another class, or the image's end, is within `reach` sidewards, up or down. */
function atBorder({ width, height, data }: Classes, x: number, y: number, reach: number): boolean {
  const i = y * width + x;
  const kind = data[i];
  for (let d = 1; d <= reach; d++) {
    if (x - d < 0 || y - d < 0 || x + d >= width || y + d >= height) return true;
    if (data[i - d] !== kind || data[i + d] !== kind) return true;
    if (data[i - d * width] !== kind || data[i + d * width] !== kind) return true;
  }
  return false;
}

/** The area whose colours depend on a changed one. */
export const touchedBy = (
  area: Area,
  reach: number,
  size: { width: number; height: number },
): Area =>
  within(
    {
      left: area.left - reach,
      top: area.top - reach,
      right: area.right + reach,
      bottom: area.bottom + reach,
    },
    size,
  );

/** A map as RGBA, from its least value (dark violet) to its largest (yellow). */
export function mapPixels(
  data: Float32Array,
  { low, high }: { readonly low: number; readonly high: number },
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(data.length * 4);
  const span = high - low || 1;
  for (let i = 0, to = 0; i < data.length; i++, to += 4) {
    const place = Math.min(1, Math.max(0, (data[i]! - low) / span)) * (scale.length - 1);
    const k = Math.min(scale.length - 2, Math.floor(place));
    const [a, b, t] = [scale[k]!, scale[k + 1]!, place - k];
    for (let c = 0; c < 3; c++) pixels[to + c] = a[c]! + t * (b[c]! - a[c]!);
    pixels[to + 3] = 255;
  }
  return pixels;
}

/** Even steps of a scale whose lightness rises all the way, so that it reads in grey as well (cividis). */
const scale: readonly Rgb[] = [
  [0, 32, 77],
  [49, 68, 107],
  [102, 105, 112],
  [148, 142, 119],
  [203, 186, 105],
  [255, 234, 70],
];

export function extremes(data: Float32Array): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** Changes of colour: brightness, contrast, saturation, hue and gamma. */
import type { RgbImage } from "../../tensor/raster.ts";

/**
 * out = factor in, clamped to 0..255.
 *
 * @param factor  at least 0; 1 changes nothing
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(brightness)
 */
export const brightness = (image: RgbImage, factor: number): RgbImage =>
  mapValues(image, (value) => value * factor);

/**
 * out = m + factor (in - m), clamped to 0..255, with m the mean luminance of the picture.
 *
 * @param factor  at least 0; 1 changes nothing, 0 leaves a grey area
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(contrast)
 */
export function contrast(image: RgbImage, factor: number): RgbImage {
  let sum = 0;
  for (let at = 0; at < image.data.length; at += 3) sum += luminance(image.data, at);
  const mean = sum / (image.data.length / 3);
  return mapValues(image, (value) => mean + factor * (value - mean));
}

/**
 * out = 255 (in / 255)^exponent: lighter or darker, while black and white stay.
 *
 * @param exponent  above 0; 1 changes nothing, above 1 darkens
 * @see Albumentations 2.0.8, RandomGamma (in percent there)
 */
export const gamma = (image: RgbImage, exponent: number): RgbImage =>
  mapValues(image, (value) => 255 * (value / 255) ** exponent);

/**
 * out = Y + factor (in - Y), clamped to 0..255, with Y the luminance of the pixel.
 *
 * @param factor  at least 0; 1 changes nothing, 0 leaves grey
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(saturation)
 */
export function saturation({ width, height, data }: RgbImage, factor: number): RgbImage {
  const result = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const grey = luminance(data, at);
    for (let c = at; c < at + 3; c++)
      result[c] = Math.floor(grey + factor * (data[c]! - grey) + 0.5);
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}

/**
 * The hue H of HSV becomes (H + turns) mod 1; saturation and value stay, so do greys.
 *
 * With M, m the largest and the smallest channel, a hue of h sixths of the circle gives each channel
 * M - (M - m) clamp(min(k, 4 - k), 0, 1), k = (n + h) mod 6, n = 5, 3, 1 for red, green, blue.
 *
 * @param turns  share of the circle, -1/2..1/2
 * @see Albumentations 2.0.8 and torchvision, ColorJitter(hue)
 */
export function hue({ width, height, data }: RgbImage, turns: number): RgbImage {
  const sixths = 6 * turns + 12;
  const result = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    const most = Math.max(red, green, blue);
    const chroma = most - Math.min(red, green, blue);
    let angle = sixths;
    if (chroma > 0) {
      if (most === red) angle += (green - blue) / chroma;
      else if (most === green) angle += (blue - red) / chroma + 2;
      else angle += (red - green) / chroma + 4;
    }
    result[at] = channel(angle + 5, most, chroma);
    result[at + 1] = channel(angle + 3, most, chroma);
    result[at + 2] = channel(angle + 1, most, chroma);
  }
  return { width, height, data: result };
}

function channel(angle: number, most: number, chroma: number): number {
  const k = angle % 6;
  return most - chroma * Math.max(0, Math.min(k, 4 - k, 1)) + 0.5;
}

/** Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), 0..255, for the pixel whose red is `data[at]`. */
const luminance = (data: Uint8Array, at: number): number =>
  0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;

/** out = round(f(in)), clamped to 0..255, the same for all channels and pixels; f is asked 256 times. */
function mapValues({ width, height, data }: RgbImage, f: (value: number) => number): RgbImage {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => Math.floor(f(value) + 0.5));
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!;
  return { width, height, data: result };
}

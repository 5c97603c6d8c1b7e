/** Pictures whose colours are turned around the colour circle. */
import type { RgbImage } from "../../tensor/raster.ts";

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

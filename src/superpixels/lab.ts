/** Colours by how different they look. */
import type { RgbImage } from "../tensor/raster.ts";

/** D65, CIE 1931. */
const WHITE = [0.950456, 1, 1.088754] as const;

const linear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

const root = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);

/**
 * CIE Lab of sRGB, each channel moved to 0..1 as 8-bit Lab has it: L / 100, (a + 128) / 255, (b + 128) / 255.
 *
 * @param rgb  each 0 to 255
 */
export function labOf([red, green, blue]: readonly [number, number, number]): [
  number,
  number,
  number,
] {
  const [r, g, b] = [linear(red / 255), linear(green / 255), linear(blue / 255)];
  const x = root((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE[0]);
  const y = root((0.212671 * r + 0.71516 * g + 0.072169 * b) / WHITE[1]);
  const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE[2]);
  return [(116 * y - 16) / 100, (500 * (x - y) + 128) / 255, (200 * (y - z) + 128) / 255];
}

/** Lab of every pixel, three numbers each. */
export function labImage({ width, height, data }: RgbImage): Float64Array {
  const lab = new Float64Array(3 * width * height);
  for (let i = 0; i < lab.length; i += 3) {
    lab.set(labOf([data[i]!, data[i + 1]!, data[i + 2]!]), i);
  }
  return lab;
}

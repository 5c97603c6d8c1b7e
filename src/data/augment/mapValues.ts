/** Pictures whose every value is looked up in a table. */
import type { RgbImage } from "../../tensor/raster.ts";

/**
 * out = round(f(in)), clamped to 0..255, the same for all channels and pixels; f is asked 256 times.
 *
 * @param f  from 0..255 to any number
 */
export function mapValues(
  { width, height, data }: RgbImage,
  f: (value: number) => number,
): RgbImage {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => Math.floor(f(value) + 0.5));
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!;
  return { width, height, data: result };
}

/** Reading a label map: a picture whose grey values are numbers of classes or instances. */
import { DataError } from "../base/errors.ts";
import type { ReadOptions } from "./formats/decode.node.ts";
import { readSamples } from "./readSamples.node.ts";

/** One whole number a pixel, `data[y * width + x]`. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  /** 0..65535 */
  readonly data: Uint16Array;
}

/**
 * The values of a label map, 8 or 16 bits, exactly as stored.
 *
 * @param most  the largest value allowed; default 65535
 * @param what  what the values mean, for messages; default `instance map`
 * @throws {DataError} as `readImage`; if the file is saved with loss (JPEG, AVIF, lossy WebP); with row and
 *   column of the first pixel that is coloured, transparent, or above `most`.
 */
export async function readLabelMap(
  path: string,
  options: ReadOptions = {},
  most = 65535,
  what = "instance map",
): Promise<LabelMap> {
  const { data, channels, width, height, white, lossy } = await readSamples(path, options);
  if (lossy) {
    throw new DataError(
      `${path}: ${what} must be saved without loss, got lossy compression (JPEG, AVIF, WebP, ...); save it as PNG`,
    );
  }
  const alpha = channels === 4 ? 3 : channels === 2 ? 1 : -1;
  const values = new Uint16Array(width * height);
  const refuse = (i: number, must: string, got: string): never => {
    const place = `row ${Math.floor(i / width)}, column ${i % width}`;
    throw new DataError(`${path}: ${what} must ${must}, got ${got} at ${place}`);
  };
  for (let i = 0, at = 0; i < values.length; i++, at += channels) {
    const value = data[at]!;
    if (alpha >= 0 && data[at + alpha]! !== white) {
      refuse(i, "be opaque", `alpha ${data[at + alpha]!}`);
    }
    if (channels >= 3 && (data[at + 1]! !== value || data[at + 2]! !== value)) {
      refuse(i, "be grey", `colour (${value}, ${data[at + 1]!}, ${data[at + 2]!})`);
    }
    if (value > most) refuse(i, `contain only 0 to ${most}`, String(value));
    values[i] = value;
  }
  return { width, height, data: values };
}

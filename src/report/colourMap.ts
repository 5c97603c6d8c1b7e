/** Maps of numbers as pictures, in grey or viridis. */

import { ArgumentError, NumericError } from "../base/errors.ts";
import type { FloatMap, RgbImage } from "../tensor/raster.ts";
import type { Rgb } from "./palette.ts";

export type ColourScale = "viridis" | "grey";

export interface ColourOptions {
  /** The value of the darkest colour; default: the smallest of the map. */
  readonly low?: number;
  /** The value of the brightest colour; default: the largest of the map. */
  readonly high?: number;
}

/** Each scale by colours at equal steps; between them it is linear. Viridis: van der Walt and Smith, CC0. */
const anchors: Readonly<Record<ColourScale, readonly Rgb[]>> = {
  grey: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  viridis: [
    [68, 1, 84],
    [72, 26, 108],
    [71, 47, 125],
    [65, 68, 135],
    [57, 86, 140],
    [49, 104, 142],
    [42, 120, 142],
    [35, 136, 142],
    [31, 152, 139],
    [34, 168, 132],
    [53, 183, 121],
    [84, 197, 104],
    [122, 209, 81],
    [165, 219, 54],
    [210, 226, 27],
    [253, 231, 37],
  ],
};

/**
 * A map as a picture; values outside `low`..`high` take the colour of the nearer end.
 *
 * @param map    finite values; a map of one value takes the darkest colour.
 * @param scale  `viridis` (default; even in brightness, safe for colour-blind readers) or `grey`.
 * @throws {NumericError} if a value is not finite.
 * @throws {ArgumentError} if `low` is not below `high`, or the scale is unknown.
 */
export function colourMap(
  map: FloatMap,
  scale: ColourScale = "viridis",
  options: ColourOptions = {},
): RgbImage {
  const positions = normalised(map, options);
  const table = colourTable(scale);
  const data = new Uint8Array(positions.length * 3);
  for (let i = 0; i < positions.length; i++) {
    const at = Math.round(positions[i]! * 255) * 3;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = table[at + c]!;
  }
  return { width: map.width, height: map.height, data };
}

/** Values scaled to 0..1 between `low` and `high`. */
function normalised({ width, data }: FloatMap, options: ColourOptions): Float64Array {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new NumericError(
      `colourMap: values must be finite, got ${data[bad]!} ` +
        `at row ${Math.floor(bad / width)}, column ${bad % width}`,
    );
  const low = options.low ?? data.reduce((a, b) => Math.min(a, b), Infinity);
  const high = options.high ?? data.reduce((a, b) => Math.max(a, b), -Infinity);
  const flat = options.low === undefined && options.high === undefined && low === high;
  if (!(low < high) && !flat)
    throw new ArgumentError(`colourMap: low must be below high, got ${low} and ${high}`);
  return Float64Array.from(data, (value) =>
    flat ? 0 : Math.min(1, Math.max(0, (value - low) / (high - low))),
  );
}

/** 256 colours, red, green, blue each. */
function colourTable(scale: ColourScale): Uint8Array {
  if (!Object.hasOwn(anchors, scale))
    throw new ArgumentError(`colourMap: scale must be viridis or grey, got "${scale}"`);
  const colours = anchors[scale];
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (colours.length - 1);
    const k = Math.min(Math.floor(position), colours.length - 2);
    for (let c = 0; c < 3; c++) {
      const from = colours[k]![c]!;
      table[i * 3 + c] = Math.round(from + (position - k) * (colours[k + 1]![c]! - from));
    }
  }
  return table;
}

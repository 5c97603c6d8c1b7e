/** Several pictures on one sheet, side by side. */

import { ArgumentError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import type { Rgb } from "./palette.ts";

export interface SheetOptions {
  /** Pictures in a row; default: all. */
  readonly columns?: number;
  /** Pixels between pictures and around the sheet; default 8. */
  readonly gap?: number;
  /** Default white. */
  readonly background?: Rgb;
}

/**
 * Lays pictures out in rows, in reading order. Cells are as large as the largest picture; smaller ones
 * are centred, none is resized.
 *
 * @throws {ArgumentError} without pictures, or if columns or gap are unusable.
 */
export function contactSheet(images: readonly RgbImage[], options: SheetOptions = {}): RgbImage {
  if (images.length === 0) throw new ArgumentError("contactSheet: needs at least one image, got 0");
  const { columns = images.length, gap = 8, background = [255, 255, 255] } = options;
  if (!Number.isInteger(columns) || columns < 1)
    throw new ArgumentError(`contactSheet: columns must be a whole number from 1, got ${columns}`);
  if (!Number.isInteger(gap) || gap < 0)
    throw new ArgumentError(`contactSheet: gap must be a whole number from 0, got ${gap}`);

  const cellWidth = images.reduce((most, image) => Math.max(most, image.width), 0);
  const cellHeight = images.reduce((most, image) => Math.max(most, image.height), 0);
  const across = Math.min(columns, images.length);
  const down = Math.ceil(images.length / columns);
  const width = across * (cellWidth + gap) + gap;
  const height = down * (cellHeight + gap) + gap;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set(background, i);

  images.forEach((image, index) => {
    const column = index % columns;
    const row = Math.floor(index / columns);
    const left = gap + column * (cellWidth + gap) + ((cellWidth - image.width) >> 1);
    const top = gap + row * (cellHeight + gap) + ((cellHeight - image.height) >> 1);
    const stride = image.width * 3;
    for (let y = 0; y < image.height; y++)
      data.set(image.data.subarray(y * stride, (y + 1) * stride), ((top + y) * width + left) * 3);
  });
  return { width, height, data };
}

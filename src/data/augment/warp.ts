/** Sampling a picture between its pixels: what rotation, scaling and elastic deformation share. */
import type { Labelled } from "../../tensor/raster.ts";
import { type Border, inside } from "./border.ts";
import { gatherLabels } from "./gather.ts";

/** Fills in where the pixels of output row `y` come from, one number a column, in pixels. */
export type SourceOfRow = (y: number, sourceX: Float64Array, sourceY: Float64Array) => void;

/**
 * The sample seen through a map of coordinates, at the same size. The image is interpolated bilinearly
 * and rounded,
 *
 *   out(x, y) = (1 - fx)(1 - fy) in[t, l] + fx (1 - fy) in[t, l + 1] + (1 - fx) fy in[t + 1, l] + fx fy in[t + 1, l + 1],
 *
 * with l, t = floor of the source position and fx, fy = its fractions. Labels are those of the nearest
 * pixel, floor(position + 1/2).
 */
export function warp(
  { image, labels }: Labelled,
  sourceOfRow: SourceOfRow,
  border: Border,
): Labelled {
  const { width, height } = labels;
  const source = image.data;
  const stride = width * 3;
  const data = new Uint8Array(source.length);
  const nearest = new Int32Array(width * height);
  const sourceX = new Float64Array(width);
  const sourceY = new Float64Array(width);
  for (let y = 0, to = 0; y < height; y++) {
    sourceOfRow(y, sourceX, sourceY);
    for (let x = 0; x < width; x++, to++) {
      const sx = sourceX[x]!;
      const sy = sourceY[x]!;
      const left = Math.floor(sx);
      const top = Math.floor(sy);
      const fx = sx - left;
      const fy = sy - top;
      const w00 = (1 - fx) * (1 - fy);
      const w10 = fx * (1 - fy);
      const w01 = (1 - fx) * fy;
      const w11 = fx * fy;
      if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1) {
        nearest[to] = Math.floor(sy + 0.5) * width + Math.floor(sx + 0.5);
        const a = (top * width + left) * 3;
        const b = a + stride;
        for (let c = 0; c < 3; c++) {
          data[to * 3 + c] =
            w00 * source[a + c]! +
            w10 * source[a + 3 + c]! +
            w01 * source[b + c]! +
            w11 * source[b + 3 + c]! +
            0.5;
        }
        continue;
      }
      const nearX = inside(Math.floor(sx + 0.5), width, border);
      const nearY = inside(Math.floor(sy + 0.5), height, border);
      nearest[to] = nearX < 0 || nearY < 0 ? -1 : nearY * width + nearX;
      const x0 = inside(left, width, border);
      const x1 = inside(left + 1, width, border);
      const y0 = inside(top, height, border);
      const y1 = inside(top + 1, height, border);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        if (x0 >= 0 && y0 >= 0) sum += w00 * source[y0 * stride + x0 * 3 + c]!;
        if (x1 >= 0 && y0 >= 0) sum += w10 * source[y0 * stride + x1 * 3 + c]!;
        if (x0 >= 0 && y1 >= 0) sum += w01 * source[y1 * stride + x0 * 3 + c]!;
        if (x1 >= 0 && y1 >= 0) sum += w11 * source[y1 * stride + x1 * 3 + c]!;
        data[to * 3 + c] = sum + 0.5;
      }
    }
  }
  return {
    image: { width, height, data },
    labels: gatherLabels(labels, width, height, nearest),
  };
}

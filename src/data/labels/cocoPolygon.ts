/** Pixels inside a polygon, by the rule of COCO's own tools. */
import { DataError } from "../../base/errors.ts";
import type { ColumnRuns } from "./cocoRle.ts";

/** Vertices lie on a grid this much finer than the pixels. */
const grid = 5;
/** Coordinates beyond this are no picture's. */
const farthest = 1e8;

/** Where an edge crosses the middle of a column, on the fine grid. */
interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * Smaller row, on the fine grid, of the two neighbouring points of an edge's line between which column
 * `left` ends and `left + 1` begins.
 */
function crossing({ x0, y0, x1, y1 }: Edge, left: number): number {
  const dx = Math.abs(x1 - x0);
  const dy = Math.abs(y1 - y0);
  if (dx >= dy) {
    // Flat: one point a column, from the left end on.
    const [startX, startY, endY] = x0 > x1 ? [x1, y1, y0] : [x0, y0, y1];
    const slope = (endY - startY) / dx;
    const row = (x: number) => Math.trunc(startY + slope * (x - startX) + 0.5);
    return Math.min(row(left), row(left + 1));
  }
  // Steep: one point a row, from the upper end on; the first past the middle is looked for.
  const [startX, startY, endX] = y0 > y1 ? [x1, y1, x0] : [x0, y0, x1];
  const slope = (endX - startX) / dy;
  const column = (t: number) => Math.trunc(startX + slope * t + 0.5);
  const past = (t: number) => (slope > 0 ? column(t) > left : column(t) <= left);
  let t = Math.min(dy, Math.max(1, Math.ceil((left + 0.5 - startX) / slope)));
  while (t > 1 && past(t - 1)) t--;
  while (t < dy && !past(t)) t++;
  return startY + t - 1;
}

/**
 * Pixels of a closed ring, as runs.
 *
 * Pixel (x, y) covers [x, x + 1) by [y, y + 1). Vertices are rounded to fifths of a pixel and joined by lines
 * of grid points; where a line crosses the middle of a pixel column, inside and outside change (even-odd).
 * What lies outside the picture is cut off.
 *
 * @param ring   x0, y0, x1, y1, ... in pixels, at least three points
 * @param where  for messages
 * @throws {DataError} if there are fewer points, half a point, or a coordinate is not finite.
 */
export function polygonRuns(
  ring: readonly number[],
  width: number,
  height: number,
  where: string,
): ColumnRuns {
  if (ring.length < 6 || ring.length % 2 === 1) {
    throw new DataError(
      `${where}: polygon must have an even count of at least 6 numbers, got ${ring.length}`,
    );
  }
  const odd = ring.findIndex((value) => !(Math.abs(value) <= farthest));
  if (odd >= 0) {
    throw new DataError(
      `${where}: coordinates must be within ${farthest} pixels, got ${ring[odd]!} as number ${odd}`,
    );
  }
  const fine = ring.map((value) => Math.trunc(grid * value + 0.5));
  const toggles: number[] = [];
  for (let i = 0; i < fine.length; i += 2) {
    const next = (i + 2) % fine.length;
    const edge = { x0: fine[i]!, y0: fine[i + 1]!, x1: fine[next]!, y1: fine[next + 1]! };
    const first = Math.max(0, Math.ceil((Math.min(edge.x0, edge.x1) - 2) / grid));
    const last = Math.min(width - 1, Math.floor((Math.max(edge.x0, edge.x1) - 3) / grid));
    for (let x = first; x <= last; x++) {
      const row = (crossing(edge, grid * x + 2) + 0.5) / grid - 0.5;
      toggles.push(x * height + Math.ceil(Math.min(height, Math.max(0, row))));
    }
  }
  // A closed ring crosses every column an even number of times, so that toggles pair up within columns.
  const sorted = Float64Array.from(toggles).sort();
  const runs: number[] = [];
  for (let i = 0; i < sorted.length; i += 2) {
    if (sorted[i]! < sorted[i + 1]!) runs.push(sorted[i]!, sorted[i + 1]!);
  }
  return runs;
}

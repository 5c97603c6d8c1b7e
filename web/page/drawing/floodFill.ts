/** Filling what hangs together. */
import type { Area, Edits } from "./edits.ts";

/**
 * Paints all pixels of the class of the one at (x, y) that hang together with it by their sides. On background this fills a hole, on
 * an object it deletes or renames it.
 *
 * @param mask  class of every pixel, edits included
 * @returns the area in which pixels may have changed
 */
export function floodFill(
  edits: Edits,
  mask: Uint8Array,
  x: number,
  y: number,
  paint: number,
): Area {
  const { width, height } = edits;
  const kind = mask[y * width + x];
  const seen = new Uint8Array(width * height);
  const stack = [y * width + x];
  let [left, top, right, bottom] = [x, y, x + 1, y + 1];
  seen[stack[0]!] = 1;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const column = i % width;
    const row = (i - column) / width;
    edits.data[i] = paint;
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
    const neighbours = [
      column > 0 ? i - 1 : -1,
      column + 1 < width ? i + 1 : -1,
      row > 0 ? i - width : -1,
      row + 1 < height ? i + width : -1,
    ];
    for (const next of neighbours) {
      if (next < 0 || seen[next] === 1 || mask[next] !== kind) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
  return { left, top, right, bottom };
}

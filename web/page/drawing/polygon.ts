/** Filling the inside of a closed line of points. */
import type { MayPaint, Point } from "./brush.ts";
import { within, type Area, type Edits } from "./edits.ts";

/**
 * Paints the pixels whose middles are inside, by the even-odd rule. Fewer than three points enclose nothing.
 *
 * @returns the area in which pixels may have changed
 */
export function fillPolygon(
  edits: Edits,
  points: readonly Point[],
  paint: number,
  mayPaint: MayPaint = () => true,
): Area {
  if (points.length < 3) return { left: 0, top: 0, right: 0, bottom: 0 };
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const area = within(
    {
      left: Math.floor(Math.min(...xs)),
      top: Math.floor(Math.min(...ys)),
      right: Math.ceil(Math.max(...xs)) + 1,
      bottom: Math.ceil(Math.max(...ys)) + 1,
    },
    edits,
  );
  for (let row = area.top; row < area.bottom; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (const [i, a] of points.entries()) {
      const b = points[(i + 1) % points.length]!;
      if (a.y <= y === b.y <= y) continue;
      crossings.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    }
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const first = Math.max(area.left, Math.ceil(crossings[k]! - 0.5));
      const last = Math.min(area.right - 1, Math.ceil(crossings[k + 1]! - 0.5) - 1);
      for (let x = first; x <= last; x++) {
        const i = row * edits.width + x;
        if (mayPaint(i)) edits.data[i] = paint;
      }
    }
  }
  return area;
}

/** Strokes of a round brush on a grid of pixels. */
import { within, type Area, type Edits } from "./edits.ts";

/** In pixels of the image; the middle of the first pixel is (0.5, 0.5). */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Says of a pixel whether it may be painted. */
export type MayPaint = (index: number) => boolean;

/**
 * Paints the pixels whose middles lie within `radius` of the way from `from` to `to`; a click is a way without length. At least the
 * pixel under each end is painted, however small the brush.
 *
 * @returns the area in which pixels may have changed
 */
export function paintStroke(
  edits: Edits,
  from: Point,
  to: Point,
  radius: number,
  paint: number,
  mayPaint: MayPaint = () => true,
): Area {
  const area = within(
    {
      left: Math.floor(Math.min(from.x, to.x) - radius),
      top: Math.floor(Math.min(from.y, to.y) - radius),
      right: Math.ceil(Math.max(from.x, to.x) + radius) + 1,
      bottom: Math.ceil(Math.max(from.y, to.y) + radius) + 1,
    },
    edits,
  );
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  for (let y = area.top; y < area.bottom; y++) {
    for (let x = area.left; x < area.right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const [ox, oy] = [px - along * dx, py - along * dy];
      const i = y * edits.width + x;
      if (ox * ox + oy * oy <= radius * radius && mayPaint(i)) edits.data[i] = paint;
    }
  }
  for (const { x, y } of [from, to]) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= edits.width || row >= edits.height) continue;
    const i = row * edits.width + column;
    if (mayPaint(i)) edits.data[i] = paint;
  }
  return area;
}

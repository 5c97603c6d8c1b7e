/** Output sizes of pooling windows. */
import { ShapeError } from "../base/errors.ts";
import type { Shape } from "../tensor/shape.ts";

export interface PoolOptions {
  /** Side of the square window. */
  readonly kernel: number;
  /** Step of the window; the side of the window if not given. */
  readonly stride?: number;
  /** Border around the map, all four sides. Default 0. */
  readonly padding?: number;
}

/**
 * [N, C, oh, ow] with o = (size + 2p - k) / s + 1, rounded down, or up with `ceil` (a window then must still begin
 * inside the map or its left border, as in PyTorch).
 *
 * @throws {ShapeError} if the rank is not 4 or the window does not fit.
 */
export function poolSize(x: Shape, o: Required<PoolOptions>, ceil: boolean): number[] {
  if (x.length !== 4) throw new ShapeError(`rank must be 4, got ${x.length}`);
  const [n = 1, c = 1, height = 1, width = 1] = x;
  const out = (size: number): number => {
    const steps = (size + 2 * o.padding - o.kernel) / o.stride;
    let windows = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (ceil && (windows - 1) * o.stride >= size + o.padding) windows--;
    return windows;
  };
  const [oh, ow] = [out(height), out(width)];
  if (oh < 1 || ow < 1) {
    throw new ShapeError(`window ${o.kernel} must fit the padded map, got ${height} x ${width}`);
  }
  return [n, c, oh, ow];
}

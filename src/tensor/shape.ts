/** Shape arithmetic: sizes, strides, broadcasting. */
import { ShapeError } from "../base/errors.ts";

/** Dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements: the product of the dimensions, 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] ?? 1;
  }
  return strides;
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** `[2, 3]` as text. */
export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/**
 * Shape of an elementwise result: shapes are aligned at the right, a dimension of 1 stretches.
 *
 * @throws {ShapeError} if two dimensions differ and neither is 1.
 */
export function broadcast(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const d = shape[i] ?? 1;
      if (d === 1 || d === result[at]) continue;
      if (result[at] !== 1) {
        throw new ShapeError(`shapes must broadcast, got ${shapes.map(showShape).join(" and ")}`);
      }
      result[at] = d;
    }
  }
  return result;
}

/** `axis` counted from the front; negative axes count from the back. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw new ShapeError(`axis must be in -${rank}..${rank - 1}, got ${axis}`);
  }
  return at;
}

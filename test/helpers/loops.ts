/** Plain loops for references: slow, obvious, float64. */
import { broadcast, sizeOf, stridesOf, type Shape } from "../../src/tensor/shape.ts";
import type { Reference } from "./checkOp.ts";

/** A result filled by a function of the index. */
export function build(shape: Shape, at: (...index: number[]) => number): Reference {
  const data = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  for (let i = 0; i < data.length; i++) {
    data[i] = at(...shape.map((d, axis) => Math.floor(i / strides[axis]!) % d));
  }
  return { shape, data };
}

/** The entry at an index; 0 outside. */
export function at({ shape, data }: Reference, ...index: readonly number[]): number {
  let flat = 0;
  for (const [axis, d] of shape.entries()) {
    const i = index[axis]!;
    if (i < 0 || i >= d) return 0;
    flat = flat * d + i;
  }
  return data[flat]!;
}

/** A function of entries, with broadcasting. */
export function elementwise(f: (...entries: number[]) => number) {
  return (...operands: Reference[]): Reference =>
    build(broadcast(...operands.map((o) => o.shape)), (...index) =>
      f(
        ...operands.map((o) =>
          at(
            o,
            ...o.shape.map((d, axis) =>
              d === 1 ? 0 : index[index.length - o.shape.length + axis]!,
            ),
          ),
        ),
      ),
    );
}

/** Sum over 0 <= i < n. */
export function total(n: number, f: (i: number) => number): number {
  let s = 0;
  for (let i = 0; i < n; i++) s += f(i);
  return s;
}

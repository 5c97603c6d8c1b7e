/** The sum of the contributions to a gradient. */
import type { Value } from "../graph/value.ts";
import { broadcast, sameShape } from "../tensor/shape.ts";
import { add } from "./add.ts";
import { concat } from "./concat.ts";
import { asPadded, padZeros } from "./padZeros.ts";
import { sumOf } from "./sumOf.ts";

/**
 * The sum of all contributions. Slices of one axis that came back padded with zeros (the parts of a split) are joined
 * side by side instead of added.
 */
export function accumulate(parts: readonly Value[]): Value {
  const plain: Value[] = [];
  const byAxis = new Map<number, { inner: Value; start: number; end: number; whole: Value }[]>();
  for (const whole of parts) {
    const padded = asPadded(whole);
    if (!padded) {
      plain.push(whole);
      continue;
    }
    const { axis, before, after } = padded.padding;
    const end = whole.shape[axis]! - after;
    const list = byAxis.get(axis) ?? [];
    list.push({ inner: padded.inner, start: before, end, whole });
    byAxis.set(axis, list);
  }
  for (const [axis, list] of byAxis) {
    list.sort((a, b) => a.start - b.start);
    const disjoint = list.every((part, i) => i === 0 || list[i - 1]!.end <= part.start);
    if (list.length === 1 || !disjoint) {
      plain.push(...list.map((part) => part.whole));
      continue;
    }
    // Holes between the parts become zeros in front of the next part.
    const size = list[0]!.whole.shape[axis]!;
    const pieces = list.map((part, i) => {
      const before = part.start - (list[i - 1]?.end ?? 0);
      const after = i === list.length - 1 ? size - part.end : 0;
      return padZeros(part.inner, axis, before, after);
    });
    plain.push(concat(pieces, axis));
  }
  const shape = broadcast(...plain.map((p) => p.shape));
  if (plain.length === 1) return plain[0]!;
  return plain.length === 2 || plain.some((p) => !sameShape(p.shape, shape))
    ? plain.reduce((a, b) => add(a, b))
    : sumOf(plain);
}

/** Percentiles with linear interpolation, found by selection instead of a full sort. */

import { ArgumentError } from "../tensor/errors.ts";

/**
 * The q-th percentile: with r = q / 100 (n - 1), sorted[floor r] + frac(r) (sorted[floor r + 1] - sorted[floor r]),
 * the default rule of NumPy. Linear time on average.
 *
 * @param values  at least one number, none NaN; reordered in place.
 * @param q       0 to 100.
 * @throws {ArgumentError} if there are no values or q is out of range.
 */
export function percentile(values: Float64Array, q: number): number {
  if (values.length === 0) throw new ArgumentError("percentile: needs at least one value, got 0");
  if (!(q >= 0 && q <= 100))
    throw new ArgumentError(`percentile: q must be between 0 and 100, got ${q}`);
  const rank = (q / 100) * (values.length - 1);
  const below = Math.floor(rank);
  const low = select(values, below);
  if (rank === below) return low;
  // After selection everything right of `below` is at least `low`: the next one is their minimum.
  let high = Infinity;
  for (let i = below + 1; i < values.length; i++) if (values[i]! < high) high = values[i]!;
  // The test keeps Infinity - Infinity out.
  return low === high ? low : low + (rank - below) * (high - low);
}

/** Hoare's selection: the k-th smallest value ends at index k, no smaller one right of it. */
function select(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = middle(values[left]!, values[(left + right) >> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swap = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swap;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}

const middle = (a: number, b: number, c: number) =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

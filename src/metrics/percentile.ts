/** Percentiles with linear interpolation, found by selection instead of a full sort. */

import { ArgumentError } from "../base/errors.ts";

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
  if (isAscending(values)) return between(values[below]!, values[below + 1], rank - below);
  const low = select(values, below);
  if (rank === below) return low;
  // After selection everything right of `below` is at least `low`: the next one is their minimum.
  let high = Infinity;
  for (let i = below + 1; i < values.length; i++) if (values[i]! < high) high = values[i]!;
  return between(low, high, rank - below);
}

/**
 * `percentile` of two lists together, without joining them where both are ascending.
 *
 * @param a, b  at least one number in all, none NaN; may be reordered in place.
 */
export function pooledPercentile(a: Float64Array, b: Float64Array, q: number): number {
  if (!isAscending(a) || !isAscending(b)) {
    const pooled = new Float64Array(a.length + b.length);
    pooled.set(a);
    pooled.set(b, a.length);
    return percentile(pooled, q);
  }
  const rank = (q / 100) * (a.length + b.length - 1);
  const below = Math.floor(rank);
  // From the top down, which is the shorter way for the percentiles in use.
  let [i, j] = [a.length - 1, b.length - 1];
  let high = Infinity;
  for (let k = a.length + b.length - 1; ; k--) {
    const fromA = j < 0 || (i >= 0 && a[i]! >= b[j]!);
    const value = fromA ? a[i--]! : b[j--]!;
    if (k === below) return between(value, high, rank - below);
    high = value;
  }
}

/** The value at a share of the way from `low` to `high`; the test keeps Infinity - Infinity out. */
const between = (low: number, high: number | undefined, share: number): number =>
  share === 0 || high === undefined || low === high ? low : low + share * (high - low);

function isAscending(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i - 1]! > values[i]!) return false;
  return true;
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

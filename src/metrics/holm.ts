/** Correction of p-values for looking at several comparisons. */

/**
 * Holm's step-down correction: sorted ascending, p'(i) = max over j <= i of min(1, (m - j + 1) p(j)), j from 1, m the number of
 * p-values. Holds the chance of one false finding or more at the level, whatever the comparisons have to do with each other.
 *
 * @param p  NaN stays NaN and does not count
 * @returns  in the order given
 * @see Holm, A Simple Sequentially Rejective Multiple Test Procedure (1979)
 */
export function holm(p: readonly number[]): number[] {
  const order = p.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
  order.sort((a, b) => p[a]! - p[b]!);
  const corrected = new Array<number>(p.length).fill(NaN);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * p[i]!));
    corrected[i] = largest;
  }
  return corrected;
}

/** Optimal one-to-one assignment on a sparse table of gains. */

/** What is gained by putting this row and this column together; above 0. */
export interface Gain {
  readonly row: number;
  readonly column: number;
  readonly gain: number;
}

/**
 * The pairs with the largest total gain such that no row and no column occurs twice. Rows or columns may
 * stay alone; among equal totals one is chosen.
 *
 * The table falls into parts that share neither rows nor columns, mostly of one pair; each part of n rows
 * and m columns is solved by shortest augmenting paths in O(min(n, m)^2 max(n, m)).
 *
 * @param gains  each pair at most once.
 * @see Jonker and Volgenant, A Shortest Augmenting Path Algorithm for Linear Assignment Problems (1987)
 */
export const bestAssignment = <G extends Gain>(gains: readonly G[]): G[] =>
  connectedParts(gains).flatMap((part) => (part.length === 1 ? part : assignPart(part)));

/** Gains grouped so that those with a row or a column in common are together. */
function connectedParts<G extends Gain>(gains: readonly G[]): G[][] {
  const parent = gains.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  const firstOfRow = new Map<number, number>();
  const firstOfColumn = new Map<number, number>();
  for (const [i, { row, column }] of gains.entries())
    for (const [first, key] of [
      [firstOfRow, row],
      [firstOfColumn, column],
    ] as const) {
      const other = first.get(key);
      if (other === undefined) first.set(key, i);
      else parent[root(i)] = root(other);
    }
  const parts = new Map<number, G[]>();
  for (const [i, gain] of gains.entries()) {
    const part = parts.get(root(i));
    if (part) part.push(gain);
    else parts.set(root(i), [gain]);
  }
  return [...parts.values()];
}

function assignPart<G extends Gain>(part: readonly G[]): G[] {
  const numbering = (keys: readonly number[]) =>
    new Map([...new Set(keys)].map((key, i) => [key, i]));
  const rows = numbering(part.map(({ row }) => row));
  const columns = numbering(part.map(({ column }) => column));
  // The shorter side is assigned; the other may stay alone.
  const [few, many] = rows.size <= columns.size ? [rows, columns] : [columns, rows];
  const table = new Float64Array(few.size * many.size);
  const pairAt = new Map<number, G>();
  for (const pair of part) {
    const [a, b] = few === rows ? [pair.row, pair.column] : [pair.column, pair.row];
    const at = few.get(a)! * many.size + many.get(b)!;
    table[at] = -pair.gain;
    pairAt.set(at, pair);
  }
  const partners = cheapest(table, few.size, many.size);
  return [...partners].flatMap((j, i) => pairAt.get(i * many.size + j) ?? []);
}

/**
 * For each of n rows its column in the assignment of least total cost, n <= m.
 *
 * @param cost  n rows of m.
 */
function cheapest(cost: Float64Array, n: number, m: number): Int32Array {
  const rowPrice = new Float64Array(n);
  const columnPrice = new Float64Array(m);
  const rowOf = new Int32Array(m).fill(-1);
  const columnOf = new Int32Array(n).fill(-1);
  for (let start = 0; start < n; start++) {
    // Dijkstra over reduced costs, which the prices keep at 0 or above, from a free row to a free column.
    const distance = new Float64Array(m).fill(Infinity);
    const cameFrom = new Int32Array(m).fill(-1);
    const done = new Uint8Array(m);
    let row = start;
    let reached = 0;
    let end = -1;
    while (end < 0) {
      let nearest = -1;
      for (let j = 0; j < m; j++) {
        if (done[j] === 1) continue;
        const d = reached + cost[row * m + j]! - rowPrice[row]! - columnPrice[j]!;
        if (d < distance[j]!) {
          distance[j] = d;
          cameFrom[j] = row;
        }
        if (nearest < 0 || distance[j]! < distance[nearest]!) nearest = j;
      }
      reached = distance[nearest]!;
      done[nearest] = 1;
      if (rowOf[nearest] === -1) end = nearest;
      else row = rowOf[nearest]!;
    }
    rowPrice[start]! += reached;
    for (let j = 0; j < m; j++) {
      if (done[j] === 0 || j === end) continue;
      rowPrice[rowOf[j]!]! += reached - distance[j]!;
      columnPrice[j]! -= reached - distance[j]!;
    }
    // The path back: every row on it takes the column that it led to.
    for (let column = end; column >= 0;) {
      const from = cameFrom[column]!;
      const next = columnOf[from]!;
      rowOf[column] = from;
      columnOf[from] = column;
      column = from === start ? -1 : next;
    }
  }
  return columnOf;
}

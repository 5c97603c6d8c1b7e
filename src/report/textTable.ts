/** The one writer of text tables. */

import { visibleLine } from "../base/visible.ts";

/** What stands to the right: numbers, what begins with one, and what stands for one. */
const numeric = /^$|^[-<±]?\s?\d|^n\/a$|^-?∞/;

/**
 * Rows of texts in columns as wide as their widest cell, the first row being the head: columns of numbers to
 * the right, others to the left.
 *
 * @param table  rows of one length; control characters are written out
 */
export function textTable(table: readonly (readonly string[])[]): string {
  const rows = table.map((row) => row.map(visibleLine));
  const columns = (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]!));
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  const right = columns.map(([, ...cells]) => cells.every((cell) => numeric.test(cell)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A stress test as CSV: a line a metric, kind and condition, full precision. */
import type { StressCell } from "../score/stressCells.ts";
import { csvText } from "./scoreCsv.ts";

/** Cells as CSV (RFC 4180), a header line first; NaN is an empty cell. */
export function stressCsv(cells: readonly StressCell[]): string {
  const number = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? "" : value;
  const header = "shift,strength,amount,unit,kind,metric,images,mean,unshifted,difference,low,high";
  const lines = cells.map((cell) => [
    ...[cell.shift, cell.strength, number(cell.amount), csvText(cell.unit ?? "")],
    ...[csvText(cell.kind), csvText(cell.metric), cell.images],
    ...[cell.mean, cell.unshifted, cell.difference, cell.interval.low, cell.interval.high].map(
      number,
    ),
  ]);
  return [header, ...lines.map((line) => line.join(","))].map((line) => line + "\r\n").join("");
}

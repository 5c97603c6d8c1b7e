/** A stress test in words and tables. */
import type { StressCell } from "../score/stressCells.ts";
import { formatNumber } from "./formatNumber.ts";

/** What tables are made of. */
export interface StressTables {
  readonly headline: string;
  readonly cells: readonly StressCell[];
}

const digitsOf = ({ metricKind }: StressCell): number => (metricKind === "share" ? 3 : 1);

/** `0.712 -0.051`: the mean, and what the shift changes. */
const meanAndDrop = (cell: StressCell): string => {
  const digits = digitsOf(cell);
  const sign = cell.difference > 0 ? "+" : "";
  return cell.strength === 0
    ? formatNumber(cell.mean, digits)
    : `${formatNumber(cell.mean, digits)} ${sign}${formatNumber(cell.difference, digits)}`;
};

/** A row for the images as they are and for each shift and strength, a column a kind, of one metric; the head first. */
export function stressRows({ cells, headline }: StressTables, metric = headline): string[][] {
  const own = cells.filter((cell) => cell.metric === metric);
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  const rows = new Map<string, string[]>();
  for (const cell of own) {
    const key = `${cell.shift} ${cell.strength}`;
    const row = rows.get(key) ?? [
      cell.shift,
      cell.strength === 0 ? "" : String(cell.strength),
      cell.amount === undefined ? "" : `${Number(cell.amount.toPrecision(3))} ${cell.unit!}`,
    ];
    rows.set(key, [...row, meanAndDrop(cell)]);
  }
  return [["shift", "strength", "amount", ...kinds], ...rows.values()];
}

/** How many images each kind has, in words. */
export function kindCounts({ cells }: StressTables): string {
  const first = cells.filter(
    ({ metric, strength }) => metric === cells[0]?.metric && strength === 0,
  );
  return first.map(({ kind, images }) => `${kind} ${images}`).join(", ");
}

/** The shift that costs the headline metric most over all images; undefined without shifts. */
export function worstShift({ cells, headline }: StressTables): StressCell | undefined {
  const loss = ({ difference, metricKind }: StressCell) =>
    metricKind === "share" ? -difference : difference;
  return cells
    .filter(({ metric, kind, strength }) => metric === headline && kind === "all" && strength > 0)
    .reduce<StressCell | undefined>(
      (worst, cell) => (worst === undefined || loss(cell) > loss(worst) ? cell : worst),
      undefined,
    );
}

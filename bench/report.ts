/** Reports of cases as text, and as plain data for JSON. */
import type { CaseReport, Fact, Row, Table } from "./benchmark.ts";
import type { Ceiling } from "./ceiling.ts";
import type { Machine } from "./machine.ts";

/** What a row means: rates from its minimum, shares of the ceiling of its case. */
export interface Rates {
  readonly gflops?: number;
  /** Of the ceiling, 0..1, by the minimum and by the median time. */
  readonly share?: number;
  readonly shareOfMedian?: number;
  readonly imagesPerSecond?: number;
  readonly gigabytesPerSecond?: number;
  readonly meetsTarget?: boolean;
}

export function ratesOf(
  { timing, flop, bytes, images, target }: Row,
  ceiling: Ceiling | null,
): Rates {
  const { minimum, median } = timing;
  const limit = ceiling?.gflops ?? NaN;
  const gflops = (flop ?? NaN) / minimum / 1e9;
  const share = gflops / limit;
  const met = target && ("share" in target ? share >= target.share : minimum <= target.seconds);
  return {
    ...(flop !== undefined && { gflops, share, shareOfMedian: (share * minimum) / median }),
    ...(images !== undefined && { imagesPerSecond: images / minimum }),
    ...(bytes !== undefined && { gigabytesPerSecond: bytes / minimum / 1e9 }),
    ...(met !== undefined && { meetsTarget: met }),
  };
}

/** One case as text. */
export function showCase(report: CaseReport): string {
  const { ceiling, rows, facts = [], tables = [], notes = [] } = report;
  return [
    `${report.benchmark}: ${report.case}`,
    ...(rows.length > 0 ? [showRows(rows, ceiling)] : []),
    ...tables.map((t) => showTable(t)),
    ...facts.map((fact) => `${fact.name}: ${showFact(fact)}`),
    `peak memory: ${showBytes(report.peakMemoryBytes)}`,
    ...(ceiling ? [showCeiling(ceiling)] : []),
    ...notes.map((note) => `note: ${note}`),
  ].join("\n  ");
}

function showCeiling({ gflops, before, after }: Ceiling): string {
  const rate = (side: 1024 | 2048): string =>
    `${side}: ${before[side].toFixed(0)} before, ${after[side].toFixed(0)} after`;
  return `ceiling: ${gflops.toFixed(0)} GFLOP/s (matrix products, ${rate(1024)}; ${rate(2048)})`;
}

/** The rows of all cases that have a target. */
export function showTargets(reports: readonly CaseReport[]): string {
  const rows = reports.flatMap(({ benchmark, case: name, rows: all, ceiling }) =>
    all.flatMap((row): string[][] => {
      if (!row.target) return [];
      const { share = NaN, meetsTarget } = ratesOf(row, ceiling);
      const [got, aim] =
        "share" in row.target
          ? [percent(share), percent(row.target.share)]
          : [showSeconds(row.timing.minimum), showSeconds(row.target.seconds)];
      return [[`${benchmark}: ${name}`, got, aim, meetsTarget ? "met" : "missed"]];
    }),
  );
  return columns([["targets", "got", "wanted", ""], ...rows]);
}

export const showMachine = (m: Machine, threads: number): string =>
  `${m.cpu}, ${m.cores} cores, ${showBytes(m.memoryBytes)}; ${m.platform}, Node ${m.node}, ONNX Runtime ${m.onnxruntime}; threads a session: ${threads || "one a core"}`;

function showRows(rows: readonly Row[], ceiling: Ceiling | null): string {
  const head = [
    "",
    "minimum",
    "median",
    "first",
    "calls",
    "GFLOP/s",
    "of ceiling",
    "images/s",
    "GB/s",
  ];
  const cells = rows.map((row) => {
    const { gflops, share, imagesPerSecond, gigabytesPerSecond } = ratesOf(row, ceiling);
    const { minimum, median, warmUp, repeats } = row.timing;
    const optional = (value: number | undefined, show: (v: number) => string): string =>
      value === undefined ? "" : show(value);
    return [
      row.name,
      showSeconds(minimum),
      showSeconds(median),
      optional(warmUp[0], showSeconds),
      String(repeats),
      optional(gflops, short),
      optional(share, percent),
      optional(imagesPerSecond, short),
      optional(gigabytesPerSecond, short),
    ];
  });
  // Columns that no row fills are left out.
  const used = head.map((_, i) => cells.some((row) => row[i] !== ""));
  return columns([head, ...cells].map((row) => row.filter((_, i) => used[i])));
}

const showTable = ({ title, columns: head, rows }: Table): string =>
  columns([
    [title, ...head.slice(1)],
    ...rows.map(([name, ...cells]) => [
      name,
      ...cells.map((cell) => (Number.isInteger(cell) ? String(cell) : cell.toFixed(1))),
    ]),
  ]);

/** First column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n  ");
}

/** Three digits. */
const short = (value: number): string =>
  value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function showSeconds(seconds: number): string {
  return seconds < 1 ? `${short(1000 * seconds)} ms` : `${short(seconds)} s`;
}

function showBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function showFact({ value, unit }: Fact): string {
  if (unit === "s") return showSeconds(value);
  if (unit === "bytes") return showBytes(value);
  return `${short(value)}${unit ? ` ${unit}` : ""}`;
}

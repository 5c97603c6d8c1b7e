/** A reproduced table in words: Markdown for people, CSV for programs, LaTeX for papers. */
import { csvFormatRows } from "d3-dsv";
import type { Interval } from "../metrics/bootstrap.ts";
import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable } from "../metrics/metricTable.ts";
import { canHold, type PaperTable, type TableMetric } from "../tables/paperTables.ts";
import type { MetricOfRow, RowSummary, TableSummary } from "../tables/summariseTable.ts";
import { formatNumber } from "./formatNumber.ts";

/** A table with its heading, cell by cell. */
export interface TextTable {
  readonly heading: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const isShare = (metric: TableMetric): boolean => metric !== "hd95";

const labelOf = (metric: TableMetric, unit: string): string => {
  const { label } = metric === "pq" ? instanceMetricTable.pq : metricTable[metric];
  return `${label} (${isShare(metric) ? "%" : unit})`;
};

/** Shares in percent, with two digits; distances with one. */
const show = (metric: TableMetric, value: number): string =>
  isShare(metric) ? formatNumber(100 * value, 2) : formatNumber(value, 1);

const showPublished = (value: number | undefined): string =>
  value === undefined ? "" : formatNumber(value, 2);

const showInterval = (metric: TableMetric, { low, high }: Interval): string =>
  Number.isNaN(low) ? "n/a" : `${show(metric, low)} to ${show(metric, high)}`;

const signed = (text: string): string => (/^[-n]/.test(text) ? text : `+${text}`);

const showP = (p: number): string =>
  Number.isNaN(p) ? "n/a" : p < 0.0001 ? "< 0.0001" : p.toFixed(4);

/** Beside a published pair of Dice and IoU that no set of images can have. */
const IMPOSSIBLE = "†";

const mark = ({ published }: Pick<RowSummary["row"], "published">): string =>
  published?.dice !== undefined &&
  published.iou !== undefined &&
  !canHold(published.dice, published.iou)
    ? ` ${IMPOSSIBLE}`
    : "";

/** One table for each metric, and one of what the rows cost. */
export function textTables(summary: TableSummary): TextTable[] {
  const { table, rows } = summary;
  return [...table.metrics.map((metric) => metricTableOf(summary, metric)), costTable(rows)];
}

function metricTableOf({ table, unit, rows }: TableSummary, metric: TableMetric): TextTable {
  const reference = table.rows.find(({ name }) => name === table.reference)!.title;
  const cells = (row: RowSummary): string[] => {
    const { title, published, own } = row.row;
    const label = `${title}${own ? " *" : ""}`;
    const printed = showPublished(published?.[metric]);
    const mine = row.metrics[metric];
    if (!mine) return [label, printed + mark(row.row), stateOf(row), "", "", "", "", ""];
    const gap =
      published?.[metric] === undefined
        ? ""
        : signed(
            isShare(metric)
              ? formatNumber(100 * mine.mean - published[metric], 2)
              : formatNumber(mine.mean - published[metric], 1),
          );
    const { against } = mine;
    return [
      label,
      printed + mark(row.row),
      `${show(metric, mine.mean)}${deviationOf(metric, mine)}`,
      gap,
      showInterval(metric, mine.interval),
      against ? signed(show(metric, against.difference)) : "",
      against ? showP(against.corrected) : "",
      row.runs === row.planned ? String(row.runs) : `${row.runs} of ${row.planned}`,
    ];
  };
  const missing = (table.missing ?? []).map(({ title, published, why }) => [
    title,
    showPublished(published[metric]) + mark({ published }),
    why,
    ...["", "", "", "", ""],
  ]);
  return {
    heading: labelOf(metric, unit),
    head: [
      "",
      "published",
      "here",
      "here - published",
      "95 % interval",
      `against ${reference}`,
      "p",
      "runs",
    ],
    rows: [...rows.map(cells), ...missing],
  };
}

const stateOf = ({ failures, planned }: RowSummary): string =>
  failures.length > 0 ? `failed: ${failures[0]!}` : planned > 0 ? "not run yet" : "left out";

const deviationOf = (metric: TableMetric, { deviation }: MetricOfRow): string =>
  Number.isNaN(deviation) ? "" : ` ± ${show(metric, deviation)}`;

function costTable(rows: readonly RowSummary[]): TextTable {
  return {
    heading: "What it costs",
    head: [
      "",
      "parameters (M)",
      "multiply-accumulates (G)",
      "epochs",
      "training (min)",
      "prediction (ms)",
    ],
    rows: rows.map((row) => [
      row.row.title,
      formatNumber(row.parameters / 1e6, 2),
      formatNumber(row.macs / 1e9, 3),
      formatNumber(row.epochs, 0),
      formatNumber(row.trainingSeconds / 60, 1),
      formatNumber(row.predictionMs, 1),
    ]),
  };
}

/** What must be said beside the figures. */
export function tableNotes(summary: TableSummary): string[] {
  const { table, rows } = summary;
  const impossible = [...rows.map(({ row }) => row), ...(table.missing ?? [])].some(
    (row) => mark(row) !== "",
  );
  return [
    `published: ${table.source}. Other data, sizes, schedules and pretraining than here: the columns stand side by side to be read, not to be equal`,
    "here: mean over the test images, each with its mean over the runs that tested it; ± the deviation of the runs' own means",
    "95 % interval: of the mean, by the bootstrap over images, or over patients where they are known",
    "against: mean difference to the reference row on the same images; p: Wilcoxon's signed-rank test, two-sided, by Holm's correction for all rows",
    ...(impossible
      ? [
          `${IMPOSSIBLE} no set of images can have this pair: the mean IoU is at least Dice / (2 - Dice) of the mean Dice`,
        ]
      : []),
    ...(rows.some(({ row }) => row.own) ? ["* a row that the paper does not have"] : []),
    ...rows.flatMap(({ row }) => (row.note === undefined ? [] : [`${row.title}: ${row.note}`])),
    ...rows.flatMap(({ row, failures }) => failures.map((text) => `${row.title} failed: ${text}`)),
  ];
}

/** The whole table as Markdown. @param about  lines on data and recipe */
export function tableMarkdown(summary: TableSummary, about: readonly string[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const parts = textTables(summary).map(({ heading, head, rows }) =>
    [
      `## ${heading}`,
      "",
      line(head),
      line(head.map((_, i) => (i === 0 ? "---" : "---:"))),
      ...rows.map(line),
    ].join("\n"),
  );
  return [
    `# ${titleOf(summary.table)}`,
    about.join("\n"),
    ...parts,
    tableNotes(summary)
      .map((note) => `- ${note}`)
      .join("\n"),
    "",
  ].join("\n\n");
}

export const titleOf = ({ name, title }: PaperTable): string => `${name}: ${title}`;

/** A line for each row and metric; shares from 0 to 1 but for the published ones, which stand as printed. */
export function tableCsv({ table, unit, rows }: TableSummary): string {
  const text = (value: number | undefined): string =>
    value === undefined || Number.isNaN(value) ? "" : String(value);
  const lines = rows.flatMap((row) =>
    table.metrics.map((metric) => {
      const mine = row.metrics[metric];
      const published = row.row.published?.[metric];
      return [
        table.name,
        row.row.name,
        metric,
        isShare(metric) ? "" : unit,
        text(published),
        text(mine?.mean),
        text(mine?.deviation),
        text(mine?.interval.low),
        text(mine?.interval.high),
        text(mine?.images),
        text(mine?.against?.difference),
        text(mine?.against?.p),
        text(mine?.against?.corrected),
        String(row.runs),
        String(row.planned),
        text(row.parameters),
        text(row.macs),
        text(row.trainingSeconds),
        text(row.predictionMs),
      ];
    }),
  );
  const head = [
    ...[
      "table",
      "row",
      "metric",
      "unit",
      "published",
      "mean",
      "deviation",
      "low",
      "high",
      "images",
    ],
    ...["difference", "p", "pCorrected", "runs", "planned", "parameters", "macs"],
    ...["trainingSeconds", "predictionMs"],
  ];
  return `${csvFormatRows([head, ...lines])}\n`;
}

/** One tabular: for each metric three columns, published, here and the difference. */
export function tableLatex({ table, unit, rows }: TableSummary): string {
  const special: Readonly<Record<string, string>> = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "±": "$\\pm$",
    "†": "$\\dagger$",
  };
  const escaped = (text: string): string =>
    text.replace(/[\\~^±†]|[&%$#_{}]/g, (c) => special[c] ?? `\\${c}`);
  const lines = rows.map((row) => [
    escaped(row.row.title + mark(row.row)),
    ...table.metrics.flatMap((metric) => {
      const mine = row.metrics[metric];
      const published = row.row.published?.[metric];
      const scale = isShare(metric) ? 100 : 1;
      return [
        showPublished(published),
        mine ? escaped(`${show(metric, mine.mean)}${deviationOf(metric, mine)}`) : "--",
        mine && published !== undefined
          ? `$${signed(formatNumber(scale * mine.mean - published, isShare(metric) ? 2 : 1))}$`
          : "",
      ];
    }),
  ]);
  const groups = table.metrics.map(
    (metric) => `\\multicolumn{3}{c}{${escaped(labelOf(metric, unit))}}`,
  );
  const row = (cells: readonly string[]): string => `${cells.join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{l${"rrr".repeat(table.metrics.length)}}`,
    "\\toprule",
    row(["", ...groups]),
    row(["", ...table.metrics.flatMap(() => ["published", "here", "difference"])]),
    "\\midrule",
    ...lines.map(row),
    "\\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}

/** Scores for the terminal, for spreadsheets and for programs. */

import type { EmptyPolicy } from "../metrics/emptyPolicy.ts";
import { metricNames, metricTable, type MetricName } from "../metrics/metricTable.ts";
import type { PairScores } from "../metrics/scorePair.ts";
import type { Summary } from "../metrics/summarise.ts";
import { formatMetric, formatNumber, labelOf } from "./formatNumber.ts";

/** One image's name and scores. */
export interface ImageScores {
  readonly name: string;
  readonly scores: PairScores;
}

/** The columns of a metric's statistics. */
export const statisticNames = ["mean", "std", "median", "min", "max"] as const;

/** A summary as a table of text, a line a metric, with the notes that belong to it. */
export function formatTable(summary: Summary): string {
  const rows = metricNames.map((name) => {
    const statistics = summary.metrics[name];
    return [
      labelOf(name, summary.unit),
      ...statisticNames.map((column) => formatMetric(name, statistics[column])),
      String(statistics.count),
    ];
  });
  const table = [["", ...statisticNames, "images"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, "", ...summaryNotes(summary)].join("\n");
}

/** What must be said beside the means: pixels pooled, empty masks, exclusions. */
export function summaryNotes(summary: Summary): string[] {
  const { images, micro, emptyTruths, emptyPredictions, excluded } = summary;
  return [
    `over all pixels at once: Dice ${formatNumber(micro.dice, 4)}, IoU ${formatNumber(micro.iou, 4)}`,
    `${count(images, "image")}: ${emptyTruths} with an empty truth, ` +
      `${emptyPredictions} with an empty prediction, ${excluded} excluded from distances`,
    ...(emptyTruths + emptyPredictions === 0 ? [] : [policyNotes[summary.emptyPolicy]]),
  ];
}

const policyNotes: Readonly<Record<EmptyPolicy, string>> = {
  diagonal: "where just one mask is empty, the distances are the image's diagonal",
  infinity: "where just one mask is empty, the distances are infinite",
  nan: "where just one mask is empty, the distances are NaN, and so are their means",
  skip: "where just one mask is empty, the distances are left out of the means",
};

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/**
 * Per-image scores as CSV (RFC 4180: CRLF, quotes doubled), full precision, a header line first.
 * NaN is an empty cell, infinity `Infinity`; flags are 0 or 1. A text that a spreadsheet would run as a
 * formula is preceded by an apostrophe.
 */
export function toCsv(rows: readonly ImageScores[]): string {
  const header = [
    ...["name", "width", "height", "unit"],
    ...metricNames,
    ...["predictionEmpty", "truthEmpty", "distancesExcluded"],
  ];
  const lines = rows.map(({ name, scores }) => [
    csvText(name),
    scores.width,
    scores.height,
    scores.unit,
    ...metricNames.map((metric) => (Number.isNaN(scores[metric]) ? "" : scores[metric])),
    Number(scores.predictionEmpty),
    Number(scores.truthEmpty),
    Number(scores.distancesExcluded),
  ]);
  return [header, ...lines].map((cells) => cells.join(",") + "\r\n").join("");
}

function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Any value as JSON, indented by two. JSON knows neither NaN nor infinity: NaN, a value that does not
 * exist, becomes `null` (the counts beside the means say how many images went in), and infinities
 * the strings "Infinity" and "-Infinity".
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, field: unknown) => {
      if (typeof field !== "number" || Number.isFinite(field)) return field;
      return Number.isNaN(field) ? null : String(field);
    },
    2,
  ) + "\n";

/** Rows ordered by a metric, worst first: NaN, then by value; equal ones keep their order. */
export function worstFirst(
  rows: readonly ImageScores[],
  metric: MetricName = "dice",
): ImageScores[] {
  const sign = metricTable[metric].kind === "share" ? 1 : -1;
  const key = ({ scores }: ImageScores) =>
    Number.isNaN(scores[metric]) ? -Infinity : sign * scores[metric];
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

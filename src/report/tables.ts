/** Scores for the terminal, for spreadsheets and for programs. */

import type { EmptyPolicy } from "../metrics/emptyPolicy.ts";
import type { Bootstrap } from "../metrics/bootstrap.ts";
import { instanceMetricNames, instanceMetricTable } from "../metrics/instanceTable.ts";
import {
  metricNames,
  metricTable,
  type MetricName,
  type MetricText,
} from "../metrics/metricTable.ts";
import type { ClassScores, ClassSummary } from "../metrics/scoreClasses.ts";
import type { InstanceScores, PairInstanceScores } from "../metrics/scoreInstances.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { InstanceStatistics, InstanceSummary } from "../metrics/summariseInstances.ts";
import type { ImageScores } from "../score/scores.ts";
import {
  formatInterval,
  formatMetric,
  formatNumber,
  formatValue,
  labelOf,
  labelWithUnit,
} from "./formatNumber.ts";

/** The columns of a metric's statistics. */
export const statisticNames = ["mean", "std", "median", "min", "max"] as const;

/** A summary as a table of text, a line a metric, with the notes that belong to it. */
export function formatTable(summary: Summary): string {
  const rows = metricNames.map((name) =>
    metricRow(metricTable[name], summary.metrics[name], summary.unit),
  );
  return [tableOf(rows), "", ...summaryNotes(summary)].join("\n");
}

/** What must be said beside the means: pixels pooled, empty masks, exclusions, tolerance, intervals. */
export function summaryNotes(summary: Summary): string[] {
  const { images, micro, emptyTruths, emptyPredictions, excluded, nsdTolerance, unit } = summary;
  const pooled = (["dice", "iou", "miouMacro"] as const).map(
    (name) => `${metricTable[name].label} ${formatNumber(micro[name], 4)}`,
  );
  return [
    `over all pixels at once: ${pooled.join(", ")}`,
    `${count(images, "image")}: ${emptyTruths} with an empty truth, ` +
      `${emptyPredictions} with an empty prediction, ${excluded} excluded from distances`,
    ...(emptyTruths + emptyPredictions === 0 ? [] : [policyNotes[summary.emptyPolicy]]),
    `NSD within ${nsdTolerance} ${unit}`,
    intervalNote(summary.bootstrap),
  ];
}

/** The table of every class, and below it the means over classes. */
export function formatClassTable(summary: ClassSummary, classes: readonly string[] = []): string {
  const tables = summary.perClass.map(
    (own, k) => `${classes[k] ?? `class ${k + 1}`}:\n${formatTable(own)}\n`,
  );
  const unit = summary.perClass[0]?.unit ?? "px";
  const means = metricNames.map((name) => [
    labelOf(name, unit),
    formatMetric(name, summary.mean[name]),
  ]);
  return [...tables, "mean over classes:", formatRows(means)].join("\n");
}

/** The table of instance metrics, over all classes and for each, with the notes that belong to it. */
export function formatInstanceTable(
  summary: InstanceSummary,
  classes: readonly string[] = [],
): string {
  const tableFor = ({ metrics }: InstanceStatistics) =>
    tableOf(instanceMetricNames.map((name) => metricRow(instanceMetricTable[name], metrics[name])));
  const perClass =
    summary.perClass.length < 2
      ? []
      : summary.perClass.flatMap((own, k) => [
          "",
          `${classes[k] ?? `class ${k + 1}`}: ${pooledNote(own)}`,
          tableFor(own),
        ]);
  return [tableFor(summary), ...perClass, "", ...instanceNotes(summary, classes)].join("\n");
}

/** What must be said beside the means of instances: pooled, the challenge's scores, exclusions. */
export function instanceNotes(summary: InstanceSummary, classes: readonly string[]): string[] {
  const { images, excluded, emptyTruths, emptyPredictions, conic } = summary;
  const ofClasses = (values: readonly number[]) =>
    values.length < 2
      ? ""
      : ` (${values.map((value, k) => `${classes[k] ?? k + 1} ${formatNumber(value, 4)}`).join(", ")})`;
  return [
    `over all instances at once: ${pooledNote(summary)}`,
    `mPQ+ ${formatNumber(conic.mpqPlus, 4)}${ofClasses(conic.pqPlus)}`,
    `R2 of the counts ${formatNumber(conic.meanR2, 4)}${ofClasses(conic.r2)}`,
    `${count(images, "image")}: ${emptyTruths} without a true instance, ` +
      `${emptyPredictions} without a predicted one, ${excluded} without both: excluded from PQ, DQ and SQ`,
    intervalNote(summary.bootstrap),
  ];
}

function pooledNote({ pooled }: InstanceStatistics): string {
  const { pq, dq, sq, truePositives, falsePositives, falseNegatives } = pooled;
  return (
    `PQ ${formatNumber(pq, 4)}, DQ ${formatNumber(dq, 4)}, SQ ${formatNumber(sq, 4)}; ` +
    `${truePositives} TP, ${falsePositives} FP, ${falseNegatives} FN`
  );
}

/** The columns of `tableOf`, after the metric's name. */
export const tableHead = [...statisticNames, "interval", "images"] as const;

function metricRow(metric: MetricText, summary: MetricSummary, unit = ""): string[] {
  return [
    labelWithUnit(metric, unit),
    ...statisticNames.map((column) => formatValue(metric, summary[column])),
    formatInterval(metric, summary.interval),
    String(summary.count),
  ];
}

/** Rows below `tableHead`, in columns as wide as their widest cell. */
const tableOf = (rows: readonly (readonly string[])[]): string =>
  formatRows([["", ...tableHead], ...rows]);

/** Rows of texts in columns: the first to the left, the others to the right. */
export function formatRows(table: readonly (readonly string[])[]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Of what the intervals are. */
export const intervalNote = ({ confidence, resamples, seed, groups }: Bootstrap): string =>
  `interval: ${formatNumber(100 * confidence, 0)} % of the mean, by bootstrap over ` +
  `${groups === undefined ? "images" : `${groups} groups of images`} ` +
  `(${resamples} resamples, seed ${seed})`;

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

/** Per-image scores of several classes as CSV, in the form of `toCsv`; columns such as `dice:2` follow the means. */
export function toClassCsv(rows: readonly ImageScores<ClassScores>[]): string {
  const classes = Array.from({ length: rows[0]?.scores.perClass.length ?? 0 }, (_, k) => k);
  const header = [
    ...["name", "width", "height", "unit", ...metricNames],
    ...classes.flatMap((k) => metricNames.map((name) => `${name}:${k + 1}`)),
  ];
  const cells = (scores: Readonly<Record<MetricName, number>>) =>
    metricNames.map((name) => (Number.isNaN(scores[name]) ? "" : scores[name]));
  const lines = rows.map(({ name, scores: { perClass, mean } }) => [
    csvText(name),
    perClass[0]!.width,
    perClass[0]!.height,
    perClass[0]!.unit,
    ...cells(mean),
    ...classes.flatMap((k) => cells(perClass[k]!)),
  ]);
  return [header, ...lines].map((line) => line.join(",") + "\r\n").join("");
}

/**
 * Per-image instance scores as CSV, in the form of `toCsv`; with several classes, columns such as `pq:2` for
 * each of them follow those over all.
 */
export function toInstanceCsv(rows: readonly ImageScores<PairInstanceScores>[]): string {
  const classes = rows[0]?.scores.perClass.length ?? 0;
  const ofClass = Array.from({ length: classes < 2 ? 0 : classes }, (_, k) => k);
  const counts = ["truePositives", "falsePositives", "falseNegatives"] as const;
  const columns = [...instanceMetricNames, ...counts, "predicted", "actual"];
  const header = [
    ...["name", "width", "height", ...columns],
    ...ofClass.flatMap((k) => columns.map((column) => `${column}:${k + 1}`)),
  ];
  const cells = (scores: InstanceScores) => [
    ...instanceMetricNames.map((name) => (Number.isNaN(scores[name]) ? "" : scores[name])),
    ...counts.map((name) => scores.detections[name]),
    scores.predicted,
    scores.actual,
  ];
  const lines = rows.map(({ name, scores }) => [
    csvText(name),
    scores.width,
    scores.height,
    ...cells(scores),
    ...ofClass.flatMap((k) => cells(scores.perClass[k]!)),
  ]);
  return [header, ...lines].map((line) => line.join(",") + "\r\n").join("");
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

/** The scores of every image as CSV: full precision, a line an image. */
import { visible } from "../base/visible.ts";
import { instanceMetricNames } from "../metrics/instanceTable.ts";
import { metricNames, type MetricName } from "../metrics/metricTable.ts";
import type { ClassScores } from "../metrics/scoreClasses.ts";
import type { InstanceScores, PairInstanceScores } from "../metrics/scoreInstances.ts";
import type { ImageScores } from "../score/scores.ts";

/**
 * Per-image scores as CSV (RFC 4180: CRLF, quotes doubled), full precision, a header line first.
 * NaN is an empty cell, infinity `Infinity`; flags are 0 or 1. A text that a spreadsheet would run as a
 * formula is preceded by an apostrophe; control characters are written out, as `\u001b`.
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

/**
 * Per-image scores of several classes as CSV, in the form of `toCsv`: the means over all classes, then columns
 * such as `dice:2`, and at the end `truthEmpty:2`, 1 where the image has nothing of the class, and
 * `predictionEmpty:2`.
 */
export function toClassCsv(rows: readonly ImageScores<ClassScores>[]): string {
  const classes = Array.from({ length: rows[0]?.scores.perClass.length ?? 0 }, (_, k) => k);
  const header = [
    ...["name", "width", "height", "unit", ...metricNames],
    ...classes.flatMap((k) => metricNames.map((name) => `${name}:${k + 1}`)),
    ...classes.flatMap((k) => [`truthEmpty:${k + 1}`, `predictionEmpty:${k + 1}`]),
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
    ...classes.flatMap((k) => {
      const { truthEmpty, predictionEmpty } = perClass[k]!;
      return [Number(truthEmpty), Number(predictionEmpty)];
    }),
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

export function csvText(name: string): string {
  const text = visible(name);
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

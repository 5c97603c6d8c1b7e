/** The folds of a cross-validation as text: for the terminal, Markdown and spreadsheets. */
import { formatInterval, formatValue, labelWithUnit } from "./formatNumber.ts";
import type { ImageScores } from "../score/scores.ts";
import type { FoldMetric, FoldsSummary, FoldTable } from "../score/summariseFolds.ts";
import { toCsv } from "./scoreCsv.ts";
import { textTable } from "./textTable.ts";

/** What stands above the metrics of each table; nothing where there is only one. */
const headings: Readonly<Record<FoldTable, string>> = {
  present: "foreground, over the images that have any",
  foreground: "foreground, over all images",
  classes: "mean over the classes that an image holds",
  allClasses: "mean over all classes, absent ones counting as 1",
  instances: "instances",
};

/** Mean and deviation as people write them, `0.9012 ± 0.0213`. */
const plusMinus = (metric: FoldMetric, { mean, std }: { mean: number; std: number }): string =>
  `${formatValue(metric.text, mean)} ± ${formatValue(metric.text, std)}`;

/** The heading and the lines of every table of metrics, cells as text. */
export function foldRows(summary: FoldsSummary): { heading: string; rows: string[][] }[] {
  const tables = new Set(summary.metrics.map(({ table }) => table));
  const head = [
    "",
    ...summary.folds.map((fold) => `fold ${fold}`),
    "over folds",
    "over images",
    "95 % interval",
  ];
  const sizes = [
    "images",
    ...summary.images.map(String),
    "",
    String(summary.images.reduce((a, b) => a + b, 0)),
    "",
  ];
  return [...tables].map((table) => ({
    heading: tables.size === 1 ? "" : headings[table],
    rows: [
      head,
      sizes,
      ...summary.metrics
        .filter((metric) => metric.table === table)
        .map((metric) => [
          labelWithUnit(metric.text, summary.unit),
          ...metric.folds.map((value) => formatValue(metric.text, value)),
          plusMinus(metric, metric.overFolds),
          plusMinus(metric, metric.overImages),
          formatInterval(metric.text, metric.overImages.interval),
        ]),
    ],
  }));
}

/** What the columns mean. */
export const foldNotes = ({ bootstrap: { groups } }: FoldsSummary): string[] => [
  "over folds: mean ± standard deviation of the folds' means (n - 1 in the denominator); every fold counts the same",
  `over images: mean ± standard deviation of all images pooled; every image counts the same; interval of that mean by the bootstrap over ${groups === undefined ? "images" : `${groups} groups of images`}`,
  "folds share training images: the deviation over folds understates how much new data would change the result",
];

/** As columns for a terminal. */
export function formatFolds(summary: FoldsSummary): string {
  const tables = foldRows(summary).map(({ heading, rows }) => {
    return [...(heading === "" ? [] : [`${heading}:`]), textTable(rows)].join("\n");
  });
  return [...tables, foldNotes(summary).join("\n")].join("\n\n");
}

/** As Markdown tables. */
export function foldsMarkdown(summary: FoldsSummary): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return foldRows(summary)
    .map(({ heading, rows: [head = [], ...rows] }) =>
      [
        ...(heading === "" ? [] : [`### ${heading}`, ""]),
        line(head),
        line(head.map((_, i) => (i === 0 ? "---" : "--:"))),
        ...rows.map(line),
      ].join("\n"),
    )
    .join("\n\n");
}

/** One line a metric in full precision: each fold, then means and deviations. */
export function foldsCsv({ folds, unit, metrics }: FoldsSummary): string {
  const header = [
    ...["table", "metric", "unit", ...folds.map((fold) => `fold${fold}`)],
    ...["foldsMean", "foldsStd", "imagesMean", "imagesStd", "imagesLow", "imagesHigh", "images"],
  ];
  const lines = metrics.map(({ table, name, text, folds: means, overFolds, overImages }) => {
    const numbers = [
      ...means,
      ...[overFolds.mean, overFolds.std, overImages.mean, overImages.std],
      ...[overImages.interval.low, overImages.interval.high, overImages.count],
    ];
    const own = text.kind === "distance" ? unit : "";
    return [table, name, own, ...numbers.map((value) => (Number.isNaN(value) ? "" : value))];
  });
  return [header, ...lines].map((cells) => cells.join(",") + "\r\n").join("");
}

/** The scores of every image as CSV, in the form of `toCsv`, with the fold in front. */
export function foldImagesCsv(
  folds: readonly { readonly fold: number; readonly perImage: readonly ImageScores[] }[],
): string {
  const header = `fold,${toCsv([])}`;
  const lines = folds.flatMap(({ fold, perImage }) =>
    perImage.map((row) => {
      const text = toCsv([row]);
      return `${fold},${text.slice(text.indexOf("\r\n") + 2)}`;
    }),
  );
  return header + lines.join("");
}

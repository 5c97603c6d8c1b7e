/** The report of a cross-validation as one HTML page that needs nothing but itself. */
import type { MetricName } from "../metrics/metricTable.ts";
import { distributionPlot } from "./distributionPlot.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { foldNotes, foldRows } from "./foldTables.ts";
import { formatValue, labelWithUnit } from "./formatNumber.ts";
import { headlineColumn } from "./imageColumns.ts";
import type { Scores } from "../score/scores.ts";
import { imageTable } from "./imageTableHtml.ts";
import { stripPanel } from "./plotDistribution.ts";
import { reportScript, reportStyle } from "./reportStyle.ts";
import type { FoldScores, FoldsSummary } from "../score/summariseFolds.ts";
import { toJson } from "./tables.ts";

export interface FoldReport {
  readonly title: string;
  readonly subtitle: string;
  readonly summary: FoldsSummary;
  readonly folds: readonly FoldScores[];
  /** Of all images of all folds, one fold after another. */
  readonly scores: Scores;
  /** Lines about the protocol, near-duplicates and the like. */
  readonly notes: readonly string[];
  /** Of each fold, in the order of `folds`: what to call it, and the path of its own report. */
  readonly links: readonly { readonly text: string; readonly path: string }[];
  readonly config: unknown;
}

const headline: readonly MetricName[] = ["dice", "iou", "hd95", "assd"];

/** The page. Every text is escaped. */
export function foldReportHtml(report: FoldReport): string {
  const { title, subtitle, summary, notes, links, config } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="subtitle">${escapeHtml(subtitle)}</p>
<p class="warning">For research use only. Not a medical device: not for diagnosis or treatment.</p>
</header>
<main>
${section("Result", cards(summary) + list(notes))}
${section("Folds", tables(summary) + list(foldNotes(summary)))}
${section("Distribution over images", `<figure class="chart">${distribution(report)}</figure>`)}
${section("Every image", everyImage(report))}
${section("Reports of the folds", `<ul class="notes">${links.map(link).join("")}</ul>`)}
${section("Configuration", `<details><summary>All options</summary><pre>${escapeHtml(toJson(config))}</pre></details>`)}
</main>
<dialog></dialog>
<script>${reportScript}</script>
</body>
</html>
`;
}

/** The number of the fold that each image was tested in. */
const foldOfImages = ({ folds }: FoldReport): number[] =>
  folds.flatMap(({ fold, perImage }) => perImage.map(() => fold));

/** As of an evaluation, and the headline metric in each fold. */
function distribution(report: FoldReport): string {
  const { label, values } = headlineColumn(report.scores);
  const foldOf = foldOfImages(report);
  const strips = report.folds.map(({ fold }) => ({
    label: `fold ${fold}`,
    values: values.filter((_, i) => foldOf[i] === fold),
  }));
  return distributionPlot(report.scores, [stripPanel(`${label} of each fold`, strips)]);
}

/** Names lead to the report of their fold. */
function everyImage(report: FoldReport): string {
  const { scores, folds, links } = report;
  const targets = folds.flatMap(({ perImage }, i) =>
    perImage.map(({ name }) => [name, links[i]!.path] as const),
  );
  const definition = "the fold that the image was tested in, by a network that has not seen it";
  return imageTable(scores, new Map(targets), [
    { label: "fold", kind: "count", definition, values: foldOfImages(report) },
  ]);
}

const section = (heading: string, body: string): string =>
  `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`;

const list = (lines: readonly string[]): string =>
  `<ul class="notes">${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;

const link = ({ text, path }: FoldReport["links"][number]): string =>
  `<li><a href="${escapeHtml(path)}">${escapeHtml(text)}</a></li>`;

function cards({ metrics, unit }: FoldsSummary): string {
  const shown = metrics.filter(
    ({ table, name }) =>
      (table === "foreground" && headline.some((other) => other === name)) ||
      (table === "instances" && name === "pq"),
  );
  const texts = shown.map(
    ({ text, overFolds, overImages }) =>
      `<div class="card"><div class="label">${escapeHtml(labelWithUnit(text, unit))}</div>` +
      `<div class="value">${formatValue(text, overFolds.mean)}</div>` +
      `<div class="detail">± ${formatValue(text, overFolds.std)} over folds · ` +
      `${formatValue(text, overImages.mean)} ± ${formatValue(text, overImages.std)} over images</div></div>`,
  );
  return `<div class="cards">${texts.join("")}</div>`;
}

function tables(summary: FoldsSummary): string {
  return foldRows(summary)
    .map(({ heading, rows: [head = [], ...rows] }) => {
      const title = heading === "" ? "" : `<p class="note">${escapeHtml(heading)}</p>`;
      const cells = head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
      const lines = rows.map(
        ([label = "", ...values]) =>
          `<tr><th scope="row">${escapeHtml(label)}</th>` +
          `${values.map((value) => `<td>${escapeHtml(value)}</td>`).join("")}</tr>`,
      );
      return `${title}<div class="scroll"><table><thead><tr>${cells}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
    })
    .join("");
}

/** A run's report as one HTML page that needs nothing but itself. */

import { metricNames, metricTable, type MetricName } from "../metrics/metricTable.ts";
import type { Summary } from "../metrics/summarise.ts";
import { escapeHtml } from "./escapeHtml.ts";
import type { EpochRecord } from "./epochRecord.ts";
import { formatMetric, formatNumber, labelOf } from "./formatNumber.ts";
import { agreementColour, cssColour, predictionColour, truthColour } from "./palette.ts";
import { plotCurves } from "./plotCurves.ts";
import { plotDistribution } from "./plotDistribution.ts";
import { reportScript, reportStyle } from "./reportStyle.ts";
import { statisticNames, summaryNotes, toJson, worstFirst, type ImageScores } from "./tables.ts";

/** A case as the page shows it. */
export interface ReportCase {
  readonly name: string;
  /** `data:` URIs of the pictures, with what each shows; the first one carries the contours. */
  readonly pictures: readonly { readonly uri: string; readonly caption: string }[];
}

export interface ReportContent {
  readonly title: string;
  /** A line below the title, such as the data set and its part. */
  readonly subtitle?: string;
  /** What else has to be known of the data, a line each. */
  readonly notes?: readonly string[];
  /** The resolved configuration, any plain data. */
  readonly config: unknown;
  readonly history: readonly EpochRecord[];
  readonly summary?: Summary;
  readonly perImage: readonly ImageScores[];
  readonly cases: readonly ReportCase[];
}

const headline: readonly MetricName[] = ["dice", "iou", "hd95", "assd"];

/** The page. Every text is escaped; sections without content are left out. */
export function runReportHtml(content: ReportContent): string {
  const { title, subtitle, notes = [], summary, history, perImage, cases, config } = content;
  const sections = [
    summary === undefined ? "" : headlineSection(summary),
    notes.length === 0 ? "" : section("Data", notesList(notes)),
    casesSection(cases, perImage),
    history.length === 0
      ? ""
      : section("Training", figure(plotCurves(history)) + lastEpoch(history)),
    perImage.length < 2 ? "" : section("Distribution over images", figure(distribution(perImage))),
    summary === undefined ? "" : section("All metrics", summaryTable(summary)),
    perImage.length === 0 ? "" : section("Every image", imageTable(perImage)),
    section("Configuration", configuration(config)),
  ];
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
${subtitle === undefined ? "" : `<p class="subtitle">${escapeHtml(subtitle)}</p>`}
<p class="warning">For research use only. Not a medical device: not for diagnosis or treatment.</p>
</header>
<main>
${sections.filter((text) => text !== "").join("\n")}
</main>
<dialog></dialog>
<script>${reportScript}</script>
</body>
</html>
`;
}

const section = (heading: string, body: string) =>
  `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`;

const notesList = (notes: readonly string[]) =>
  `<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;

const figure = (svg: string) => `<figure class="chart">${svg}</figure>`;

function headlineSection(summary: Summary): string {
  const cards = headline.map((name) => {
    const { mean, std, median } = summary.metrics[name];
    return (
      `<div class="card"><div class="label">${labelOf(name, summary.unit)}</div>` +
      `<div class="value">${formatMetric(name, mean)}</div>` +
      `<div class="detail">± ${formatMetric(name, std)} · median ${formatMetric(name, median)}</div></div>`
    );
  });
  const notes = summaryNotes(summary).map((note) => `<li>${escapeHtml(note)}</li>`);
  return (
    `<section><h2>Result</h2><div class="cards">${cards.join("")}</div>` +
    `<ul class="notes"><li>mean over images ± standard deviation, at the masks' own resolution</li>` +
    `${notes.join("")}</ul></section>`
  );
}

function casesSection(cases: readonly ReportCase[], perImage: readonly ImageScores[]): string {
  if (cases.length === 0) return "";
  const scored = new Map(worstFirst(perImage).map((row, rank) => [row.name, { ...row, rank }]));
  const rank = ({ name }: ReportCase) => scored.get(name)?.rank ?? Infinity;
  const ordered = [...cases].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  const figures = ordered.map(({ name, pictures }) => {
    const row = scored.get(name);
    const images = pictures.map(
      ({ uri, caption }) =>
        `<img src="${escapeHtml(uri)}" alt="${escapeHtml(`${name}: ${caption}`)}" title="${escapeHtml(caption)}">`,
    );
    const values = headline.map(
      (metric) =>
        row &&
        `<span>${metricTable[metric].label} <b>${formatMetric(metric, row.scores[metric])}</b></span>`,
    );
    const place =
      row === undefined ? "" : `<span class="rank">${row.rank + 1} of ${perImage.length}</span>`;
    return (
      `<figure class="case"><div class="pictures">${images.join("")}</div><figcaption>` +
      `<div class="name">${escapeHtml(name)}${place}</div>` +
      `<div class="values">${values.join(" ")}</div></figcaption></figure>`
    );
  });
  const key = (colour: string, text: string) =>
    `<span><i style="background:${colour}"></i>${text}</span>`;
  return section(
    scored.size === 0 ? "Examples" : "Worst and best cases",
    `<p class="legend">${key(cssColour(truthColour), "truth")}` +
      key(cssColour(predictionColour), "prediction") +
      key(cssColour(agreementColour), "both at once") +
      `${scored.size === 0 ? "" : "<span>ordered by Dice, worst first</span>"}</p>` +
      `<div class="cases">${figures.join("")}</div>`,
  );
}

function lastEpoch(history: readonly EpochRecord[]): string {
  const seconds = history.reduce((total, record) => total + record.seconds, 0);
  const last = history.at(-1)!;
  return (
    `<p class="note">${history.length} epochs in ${formatNumber(seconds / 60, 1)} minutes; ` +
    `last epoch: ${formatNumber(last.imagesPerSecond, 1)} images per second</p>`
  );
}

const distribution = (perImage: readonly ImageScores[]) =>
  plotDistribution(
    (["dice", "iou"] as const).map((name) => ({
      label: metricTable[name].label,
      values: perImage.map(({ scores }) => scores[name]),
    })),
  );

function summaryTable({ metrics, unit }: Summary): string {
  const rows = metricNames.map((name) => {
    const cells = statisticNames.map((s) => `<td>${formatMetric(name, metrics[name][s])}</td>`);
    return (
      `<tr><th scope="row">${labelOf(name, unit)}</th>${cells.join("")}` +
      `<td>${metrics[name].count}</td><td class="text">${metricTable[name].definition}</td></tr>`
    );
  });
  const head = ["", ...statisticNames, "images"].map((name) => `<th scope="col">${name}</th>`);
  return (
    `<div class="scroll"><table><thead><tr>${head.join("")}<th scope="col" class="text">definition</th>` +
    `</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
  );
}

function imageTable(perImage: readonly ImageScores[]): string {
  const unit = perImage[0]!.scores.unit;
  const head = ["image", ...metricNames.map((name) => labelOf(name, unit)), "size"].map(
    (label, i) =>
      `<th scope="col"${i === 0 ? ' class="text"' : i === 1 ? ' aria-sort="ascending"' : ""}>` +
      `<button type="button">${escapeHtml(label)}</button></th>`,
  );
  const rows = worstFirst(perImage).map(({ name, scores }) => {
    const cells = metricNames.map((metric) => {
      const value = scores[metric];
      const share = metricTable[metric].kind === "share" && !Number.isNaN(value);
      const bar = share ? ` style="--share:${formatNumber(100 * value, 1)}%"` : "";
      return `<td data-value="${value}"${bar}>${formatMetric(metric, value)}</td>`;
    });
    const flags = [
      scores.truthEmpty ? "truth empty" : "",
      scores.predictionEmpty ? "prediction empty" : "",
    ].filter((flag) => flag !== "");
    const note = flags.length === 0 ? "" : ` <em>(${flags.join(", ")})</em>`;
    return (
      `<tr><th scope="row" class="text">${escapeHtml(name)}${note}</th>${cells.join("")}` +
      `<td data-value="${scores.width * scores.height}">${scores.width} × ${scores.height}</td></tr>`
    );
  });
  return (
    `<p class="note">Click a heading to sort.</p><div class="scroll tall"><table class="sortable">` +
    `<thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
  );
}

const configuration = (config: unknown) =>
  `<details><summary>All options of this run</summary><pre>${escapeHtml(toJson(config))}</pre></details>`;

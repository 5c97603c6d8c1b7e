/** A run's report as one HTML page that needs nothing but itself. */

import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable, type MetricText } from "../metrics/metricTable.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import { caseLinks, caseFigures, type ReportCase } from "./casesHtml.ts";
import { distributionPlot } from "./distributionPlot.ts";
import { escapeHtml } from "./escapeHtml.ts";
import type { EpochRecord } from "../train/progress.ts";
import {
  formatInterval,
  formatMetric,
  formatNumber,
  formatValue,
  labelOf,
  labelWithUnit,
} from "./formatNumber.ts";
import type { Scores } from "../score/scores.ts";
import { imageTable } from "./imageTableHtml.ts";
import { classTable, metricTables } from "./metricTablesHtml.ts";
import { plotCurves } from "./plotCurves.ts";
import { reportScript, reportStyle } from "./reportStyle.ts";
import { spacingNotes } from "./spacingNotes.ts";
import { instanceNotes, summaryNotes, toJson } from "./tables.ts";

export interface ReportContent {
  readonly title: string;
  /** A line below the title, such as the data set and its part. */
  readonly subtitle?: string;
  /** What else has to be known of the data, a line each. */
  readonly notes?: readonly string[];
  /** Height and width that was scored at, pixels; default 0: the masks' own. */
  readonly scoreSize?: number;
  /** The resolved configuration, any plain data. */
  readonly config: unknown;
  /** Default: none, as for an evaluation without training. */
  readonly history?: readonly EpochRecord[];
  /** Default: none, as for a training whose result was not evaluated. */
  readonly scores?: Scores;
  /** Of the scores' images. */
  readonly cases?: readonly ReportCase[];
}

/** The page. Every text is escaped; sections without content are left out. */
export function runReportHtml(content: ReportContent): string {
  const { title, subtitle, notes = [], scoreSize, history = [], scores, cases = [] } = content;
  const classes = scores ? classTable(scores) : "";
  const sections = [
    scores ? section("Result", headline(scores, scoreSize)) : "",
    classes === "" ? "" : section("Classes", classes),
    notes.length === 0 ? "" : section("Data", notesList(notes)),
    scores && cases.length > 0 ? section("Worst and best cases", caseFigures(cases, scores)) : "",
    history.length === 0
      ? ""
      : section("Training", figure(plotCurves(history)) + lastEpoch(history)),
    ...(scores ? scoreSections(scores, cases) : []),
    section("Configuration", configuration(content.config)),
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

const scoreSections = (scores: Scores, cases: readonly ReportCase[]): string[] => [
  scores.perImage.length < 2
    ? ""
    : section("Distribution over images", figure(distributionPlot(scores))),
  section("All metrics", metricTables(scores)),
  scores.perImage.length === 0 ? "" : section("Every image", imageTable(scores, caseLinks(cases))),
];

const section = (heading: string, body: string) =>
  `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`;

const notesList = (notes: readonly string[]) =>
  `<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;

const figure = (svg: string) => `<figure class="chart">${svg}</figure>`;

interface Card {
  readonly label: string;
  readonly value: string;
  /** Lines below the value, already markup. */
  readonly details: readonly string[];
}

const metricCard = (metric: MetricText, own: MetricSummary, unit = ""): Card => ({
  label: labelWithUnit(metric, unit),
  value: formatValue(metric, own.mean),
  details: [
    `± ${formatValue(metric, own.std)} · median ${formatValue(metric, own.median)}`,
    `interval ${formatInterval(metric, own.interval)}`,
  ],
});

/** The means that matter most: of instances, else over classes, else of masks. */
function cardsOf({ summary, classes, instances }: Scores): Card[] {
  const plain = ["dice", "iou", "hd95", "assd"] as const;
  const ofMasks = (name: (typeof plain)[number]) =>
    metricCard(metricTable[name], summary.metrics[name], summary.unit);
  if (instances) {
    const { metrics, pooled } = instances.summary;
    const qualities = (["pq", "dq", "sq", "ajiPlus"] as const).map((name) =>
      metricCard(instanceMetricTable[name], metrics[name]),
    );
    const [pq, ...others] = qualities;
    const extra = `over all instances ${formatNumber(pooled.pq, 4)}`;
    return [{ ...pq!, details: [...pq!.details, extra] }, ...others, ofMasks("dice")];
  }
  if (classes)
    return plain.map((name) => ({
      label: `mean ${labelOf(name, summary.unit)}`,
      value: formatMetric(name, classes.summary.mean[name]),
      details: [
        `over ${classes.summary.perClass.length} classes`,
        `all joined: ${formatMetric(name, summary.metrics[name].mean)}`,
      ],
    }));
  return plain.map(ofMasks);
}

function headline(scores: Scores, scoreSize = 0): string {
  const cards = cardsOf(scores).map(
    ({ label, value, details }) =>
      `<div class="card"><div class="label">${label}</div><div class="value">${value}</div>` +
      `<div class="detail">${details.join("<br>")}</div></div>`,
  );
  const { summary, classes, instances, classNames = [], spacing } = scores;
  const several = classes !== undefined || instances !== undefined;
  const notes = [
    `${instances || !classes ? "mean over images ± standard deviation" : "mean over the classes of each one's mean over images"}, at ${scoreSize > 0 ? `${scoreSize} x ${scoreSize} pixels` : "the masks' own resolution"}`,
    ...(instances ? instanceNotes(instances.summary, classNames).slice(0, -1) : []),
    ...summaryNotes(summary).map((note, i) => (several && i < 2 ? `foreground, ${note}` : note)),
    ...(spacing ? spacingNotes(spacing) : []),
  ];
  return `<div class="cards">${cards.join("")}</div>${notesList(notes)}`;
}

function lastEpoch(history: readonly EpochRecord[]): string {
  const seconds = history.reduce((total, record) => total + record.seconds, 0);
  const last = history.at(-1)!;
  return (
    `<p class="note">${history.length} epochs in ${formatNumber(seconds / 60, 1)} minutes; ` +
    `last epoch: ${formatNumber(last.imagesPerSecond, 1)} images per second</p>`
  );
}

const configuration = (config: unknown) =>
  `<details><summary>All options of this run</summary><pre>${escapeHtml(toJson(config))}</pre></details>`;

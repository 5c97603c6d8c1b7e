/** A run's report as one HTML page that needs nothing but itself. */

import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable, type MetricText } from "../metrics/metricTable.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import { toJson } from "../base/toJson.ts";
import type { Scores } from "../score/scores.ts";
import type { SeenScores } from "../score/seenScores.ts";
import type { EpochRecord } from "../train/progress.ts";
import { caseLinks, caseFigures, type ReportCase } from "./casesHtml.ts";
import { distributionPlot } from "./distributionPlot.ts";
import { escapeHtml } from "./escapeHtml.ts";
import {
  formatInterval,
  formatMetric,
  formatNumber,
  formatValue,
  labelOf,
  labelWithUnit,
} from "./formatNumber.ts";
import { imageTable } from "./imageTableHtml.ts";
import { classTables, metricTables } from "./metricTablesHtml.ts";
import { cards, figure, folded, htmlPage, htmlTable, list, section, type Card } from "./page.ts";
import { plotCurves } from "./plotCurves.ts";
import { hasEmpty, scoreNotes } from "./scoreNotes.ts";
import { seenCells, seenLine } from "./seenText.ts";

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
  /** The epoch that is shown, where it need not be the last. */
  readonly bestEpoch?: number;
  /** What the network has met of these images; default: nothing is said of it. */
  readonly seen?: SeenScores;
  /** Default: none, as for a training whose result was not evaluated. */
  readonly scores?: Scores;
  /** Of the scores' images. */
  readonly cases?: readonly ReportCase[];
}

/** The page. Every text is escaped; sections without content are left out. */
export function runReportHtml(content: ReportContent): string {
  const { title, subtitle, notes = [], scoreSize, history = [], scores, cases = [] } = content;
  return htmlPage({ title, ...(subtitle !== undefined && { subtitle }) }, [
    section("Result", scores ? headline(scores, scoreSize) : ""),
    section("Seen in training", scores && content.seen ? seenHtml(scores, content.seen) : ""),
    section("Classes", scores ? classTables(scores) : ""),
    section("Data", list(notes)),
    section("Worst and best cases", scores && cases.length > 0 ? caseFigures(cases, scores) : ""),
    section(
      "Training",
      history.length === 0
        ? ""
        : figure(plotCurves(history)) + lastEpoch(history, content.bestEpoch),
    ),
    ...(scores ? scoreSections(scores, cases) : []),
    section(
      "Configuration",
      folded("All options of this run", `<pre>${escapeHtml(toJson(content.config))}</pre>`),
    ),
  ]);
}

const scoreSections = (scores: Scores, cases: readonly ReportCase[]): string[] => [
  section(
    "Distribution over images",
    scores.perImage.length < 2 ? "" : figure(distributionPlot(scores)),
  ),
  section("All metrics", metricTables(scores)),
  section("Every image", scores.perImage.length === 0 ? "" : imageTable(scores, caseLinks(cases))),
];

/** @param over  the value over pixels or instances of all images at once, or over all images, with what it is */
const metricCard = (
  metric: MetricText,
  own: MetricSummary,
  over: readonly string[],
  unit = "",
): Card => ({
  label: labelWithUnit(metric, unit),
  value: formatValue(metric, own.mean),
  details: [
    `± ${formatValue(metric, own.std)} · median ${formatValue(metric, own.median)}`,
    `interval ${formatInterval(metric, own.interval)}`,
    ...over,
  ],
});

/** The means that matter most: of instances, else over classes, else of masks; over the images that have it. */
function cardsOf({ summary, classes, instances }: Scores): Card[] {
  const plain = ["dice", "iou", "hd95", "assd"] as const;
  const pooledOf = (name: (typeof plain)[number], micro: typeof summary.micro) =>
    name === "dice" || name === "iou" ? [`over all pixels ${formatMetric(name, micro[name])}`] : [];
  const ofMasks = (name: (typeof plain)[number]) =>
    metricCard(
      metricTable[name],
      summary.present[name],
      [
        ...pooledOf(name, summary.micro),
        ...(hasEmpty(summary)
          ? [`over all images ${formatMetric(name, summary.metrics[name].mean)}`]
          : []),
      ],
      summary.unit,
    );
  if (instances) {
    const { present, pooled } = instances.summary;
    const qualities = (["pq", "dq", "sq", "ajiPlus"] as const).map((name) =>
      metricCard(
        instanceMetricTable[name],
        present[name],
        name === "ajiPlus" ? [] : [`over all instances ${formatNumber(pooled[name], 4)}`],
      ),
    );
    return [...qualities, ofMasks("dice")];
  }
  if (!classes) return plain.map(ofMasks);
  const { present, micro, classesPresent, mean, perClass } = classes.summary;
  return plain.map((name) => ({
    label: `mean ${labelOf(name, summary.unit)}`,
    value: formatMetric(name, present[name]),
    details: [
      `of ${classesPresent} classes, each over the images that have it`,
      ...pooledOf(name, micro),
      ...(perClass.some(hasEmpty) ? [`over all images ${formatMetric(name, mean[name])}`] : []),
      `all joined: ${formatMetric(name, summary.present[name].mean)}`,
    ],
  }));
}

function headline(scores: Scores, scoreSize = 0): string {
  const { classes, instances } = scores;
  const what =
    instances || !classes
      ? "mean over images ± standard deviation"
      : "mean over the classes of each one's mean over images";
  const at = scoreSize > 0 ? `${scoreSize} x ${scoreSize} pixels` : "the masks' own resolution";
  return cards(cardsOf(scores)) + list([`${what}, at ${at}`, ...scoreNotes(scores)]);
}

function seenHtml(scores: Scores, seen: SeenScores): string {
  const names = seen.images.map(({ name, part, as, by }) => [name, part, as, by]);
  return (
    list([seenLine(seen, scores.perImage.length)]) +
    (seen.unseen ? htmlTable(seenCells(scores, seen.unseen)) : "") +
    (names.length === 0
      ? ""
      : folded(
          "Their names",
          htmlTable([["image", "part", "as", "known by"], ...names], {
            words: ["part", "as", "known by"],
          }),
        ))
  );
}

function lastEpoch(history: readonly EpochRecord[], best?: number): string {
  const seconds = history.reduce((total, record) => total + record.seconds, 0);
  const last = history.at(-1)!;
  return (
    `<p class="note">${history.length} epochs in ${formatNumber(seconds / 60, 1)} minutes; ` +
    `last epoch: ${formatNumber(last.imagesPerSecond, 1)} images per second` +
    `${best === undefined ? "" : `; best epoch: ${best}`}</p>`
  );
}

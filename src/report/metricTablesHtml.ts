/** The means of every metric as tables of the report. */
import { instanceMetricNames, instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricNames, metricTable, type MetricText } from "../metrics/metricTable.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { InstanceStatistics } from "../metrics/summariseInstances.ts";
import type { Scores } from "../score/scores.ts";
import { classCells, instanceClassCells } from "./classCells.ts";
import { formatInterval, formatValue, labelWithUnit } from "./formatNumber.ts";
import { nameOfClass } from "./imageColumns.ts";
import { folded, htmlTable } from "./page.ts";
import { hasEmpty } from "./scoreNotes.ts";
import { statisticNames } from "./scoreText.ts";

/** A table for the instances, one for the masks, and those of each class folded away. */
export function metricTables({ summary, classes, instances, classNames }: Scores): string {
  const several = classes !== undefined || instances !== undefined;
  const perClass = Math.max(
    classes?.summary.perClass.length ?? 0,
    instances && instances.summary.perClass.length > 1 ? instances.summary.perClass.length : 0,
  );
  const ofClasses = Array.from({ length: perClass }, (_, k) => {
    const [masks, apart] = [classes?.summary.perClass[k], instances?.summary.perClass[k]];
    const body = (apart ? instanceTables(apart) : "") + (masks ? maskTables(masks) : "");
    return folded(nameOfClass(classNames, k), body);
  });
  return [
    instances === undefined ? "" : `<h3>Instances</h3>${instanceTables(instances.summary)}`,
    (several ? "<h3>Foreground, all classes joined</h3>" : "") + maskTables(summary),
    ofClasses.length === 0 ? "" : `<h3>Each class</h3>${ofClasses.join("")}`,
  ].join("");
}

/** The classes side by side. Empty without several classes. */
export function classTables({ classes, instances, classNames }: Scores): string {
  const apart = instances && instances.summary.perClass.length > 1 ? instances.summary : undefined;
  return (
    (apart ? htmlTable(instanceClassCells(apart, classNames)) : "") +
    (apart && classes ? "<h3>As masks</h3>" : "") +
    (classes ? htmlTable(classCells(classes.summary, classNames), { last: true }) : "")
  );
}

/** Over the images that have it, and where the two differ, over all images. */
const maskTables = (summary: Summary): string =>
  maskTable(summary.present, summary.unit) +
  (hasEmpty(summary)
    ? folded(
        "over all images: absent on both sides counts as 1 and as a distance of 0",
        maskTable(summary.metrics, summary.unit),
      )
    : "");

const instanceTables = (summary: InstanceStatistics): string =>
  instanceTable(summary.present) +
  (summary.emptyTruths > 0
    ? folded(
        "over all images: without both left out of PQ, DQ and SQ, and 1 in AJI and AJI+",
        instanceTable(summary.metrics),
      )
    : "");

const maskTable = (metrics: Summary["metrics"], unit: string): string =>
  statisticsTable(metricNames.map((name) => metricRow(metricTable[name], metrics[name], unit)));

const instanceTable = (metrics: InstanceStatistics["metrics"]): string =>
  statisticsTable(
    instanceMetricNames.map((name) => metricRow(instanceMetricTable[name], metrics[name])),
  );

const metricRow = (metric: MetricText, summary: MetricSummary, unit = ""): string[] => [
  labelWithUnit(metric, unit),
  formatValue(metric, summary.mean),
  formatInterval(metric, summary.interval),
  ...statisticNames.slice(1).map((name) => formatValue(metric, summary[name])),
  String(summary.count),
  metric.definition,
];

const statisticsTable = (rows: readonly (readonly string[])[]): string =>
  htmlTable(
    [["", "mean", "interval", ...statisticNames.slice(1), "images", "definition"], ...rows],
    { words: ["definition"] },
  );

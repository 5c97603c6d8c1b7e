/** The means of every metric as tables of the report. */
import { instanceMetricNames, instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricNames, metricTable, type MetricText } from "../metrics/metricTable.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { InstanceStatistics } from "../metrics/summariseInstances.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { formatInterval, formatNumber, formatValue, labelWithUnit } from "./formatNumber.ts";
import { nameOfClass } from "./imageColumns.ts";
import type { Scores } from "../score/scores.ts";
import { statisticNames } from "./tables.ts";

/** A table for the instances, one for the masks, and those of each class folded away. */
export function metricTables({ summary, classes, instances, classNames }: Scores): string {
  const several = classes !== undefined || instances !== undefined;
  const fold = (k: number, body: string) =>
    `<details><summary>${escapeHtml(nameOfClass(classNames, k))}</summary>${body}</details>`;
  const perClass = Math.max(
    classes?.summary.perClass.length ?? 0,
    instances && instances.summary.perClass.length > 1 ? instances.summary.perClass.length : 0,
  );
  const ofClasses = Array.from({ length: perClass }, (_, k) => {
    const [masks, apart] = [classes?.summary.perClass[k], instances?.summary.perClass[k]];
    return fold(k, (apart ? instanceTable(apart) : "") + (masks ? maskTable(masks) : ""));
  });
  return [
    instances === undefined ? "" : `<h3>Instances</h3>${instanceTable(instances.summary)}`,
    (several ? "<h3>Foreground, all classes joined</h3>" : "") + maskTable(summary),
    ofClasses.length === 0 ? "" : `<h3>Each class</h3>${ofClasses.join("")}`,
  ].join("");
}

/** The classes side by side, each mean with its interval. Empty without several classes. */
export function classTable({ classes, instances, classNames }: Scores): string {
  const counted = instances && instances.summary.perClass.length > 1 ? instances : undefined;
  const count = classes?.summary.perClass.length ?? counted?.summary.perClass.length ?? 0;
  if (count === 0) return "";
  const qualities = counted ? (["pq", "dq", "sq", "ajiPlus"] as const) : [];
  const masks = !classes
    ? []
    : counted
      ? (["dice", "hd95"] as const)
      : (["dice", "iou", "hd95", "assd"] as const);
  const unit = classes?.summary.perClass[0]?.unit ?? "px";
  const head = [
    "class",
    ...qualities.map((name) => instanceMetricTable[name].label),
    ...(counted ? ["R2 of counts", "true", "predicted"] : []),
    ...masks.map((name) => labelWithUnit(metricTable[name], unit)),
  ];
  const rows = Array.from({ length: count }, (_, k) => {
    const [own, masked] = [counted?.summary.perClass[k], classes?.summary.perClass[k]];
    return [
      ...qualities.map((name) => meanCell(instanceMetricTable[name], own!.metrics[name])),
      ...(counted
        ? [
            formatNumber(counted.summary.conic.r2[k]!, 4),
            String(own!.actual),
            String(own!.predicted),
          ]
        : []),
      ...masks.map((name) => meanCell(metricTable[name], masked!.metrics[name])),
    ];
  });
  const lines = rows.map(
    (cells, k) =>
      `<tr><th scope="row">${escapeHtml(nameOfClass(classNames, k))}</th>` +
      `${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`,
  );
  const mean = (cells: readonly string[]) =>
    `<tr class="mean"><th scope="row">mean of the classes</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  const { conic } = counted?.summary ?? {};
  const means = [
    ...qualities.map((name) =>
      formatNumber(average(counted!.summary.perClass.map(({ metrics }) => metrics[name].mean)), 4),
    ),
    ...(conic ? [formatNumber(conic.meanR2, 4), "", ""] : []),
    ...masks.map((name) => formatValue(metricTable[name], classes!.summary.mean[name])),
  ];
  return table(head.map(escapeHtml), [...lines, mean(means)]);
}

const average = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

const meanCell = (metric: MetricText, summary: MetricSummary): string =>
  `${formatValue(metric, summary.mean)}<br><small>${formatInterval(metric, summary.interval)}</small>`;

const maskTable = ({ metrics, unit }: Summary): string =>
  statisticsTable(metricNames.map((name) => metricRow(metricTable[name], metrics[name], unit)));

const instanceTable = ({ metrics }: InstanceStatistics): string =>
  statisticsTable(
    instanceMetricNames.map((name) => metricRow(instanceMetricTable[name], metrics[name])),
  );

function metricRow(metric: MetricText, summary: MetricSummary, unit = ""): string {
  const cells = [
    formatValue(metric, summary.mean),
    formatInterval(metric, summary.interval),
    ...statisticNames.slice(1).map((name) => formatValue(metric, summary[name])),
    String(summary.count),
  ].map((cell) => `<td>${cell}</td>`);
  return (
    `<tr><th scope="row">${labelWithUnit(metric, unit)}</th>${cells.join("")}` +
    `<td class="text">${metric.definition}</td></tr>`
  );
}

const statisticsTable = (rows: readonly string[]): string =>
  table(["", "mean", "interval", ...statisticNames.slice(1), "images", "definition"], rows);

const table = (head: readonly string[], rows: readonly string[]): string => {
  const cells = head.map(
    (text) =>
      `<th scope="col"${text === "definition" || text === "class" ? ' class="text"' : ""}>${text}</th>`,
  );
  return `<div class="scroll"><table><thead><tr>${cells.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
};

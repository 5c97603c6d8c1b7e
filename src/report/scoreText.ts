/** Scores for the terminal. */
import { instanceMetricNames, instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricNames, metricTable, type MetricText } from "../metrics/metricTable.ts";
import type { ClassSummary } from "../metrics/scoreClasses.ts";
import type { MetricSummary } from "../metrics/statistics.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { InstanceSummary } from "../metrics/summariseInstances.ts";
import type { Scores, Summaries } from "../score/scores.ts";
import { classCells, instanceClassCells } from "./classCells.ts";
import { formatInterval, formatValue, labelWithUnit } from "./formatNumber.ts";
import {
  foregroundNotes,
  howNotes,
  instanceNotes,
  intervalNote,
  scoreNotes,
} from "./scoreNotes.ts";
import { textTable } from "./textTable.ts";

/** The columns of a metric's statistics. */
export const statisticNames = ["mean", "std", "median", "min", "max"] as const;

/** All tables, of instances and of classes first where there are such, then the notes, each once. */
export function formatScores(scores: Summaries & Pick<Scores, "classNames" | "spacing">): string {
  const { summary, classes, instances, classNames } = scores;
  const several = classes !== undefined || instances !== undefined;
  return [
    ...(instances ? [`instances:\n${instanceTables(instances.summary, classNames)}`] : []),
    ...(classes ? [`classes:\n${textTable(classCells(classes.summary, classNames))}`] : []),
    (several ? "foreground, all classes joined:\n" : "") + maskTable(summary),
    scoreNotes(scores).join("\n"),
  ].join("\n\n");
}

/** The scores of masks as a table, a line a metric, with the notes that belong to it. */
export const formatTable = (summary: Summary): string =>
  [maskTable(summary), "", ...foregroundNotes(summary), ...howNotes(summary)].join("\n");

/** The scores of classes as a table, a line a class and one of their means. */
export const formatClassTable = (summary: ClassSummary, classNames?: readonly string[]): string =>
  textTable(classCells(summary, classNames));

/** The scores of instances, over all and for each class, with the notes that belong to them. */
export const formatInstanceTable = (
  summary: InstanceSummary,
  classNames: readonly string[] = [],
): string =>
  [
    instanceTables(summary, classNames),
    "",
    ...instanceNotes(summary, classNames),
    intervalNote(summary.bootstrap),
  ].join("\n");

const maskTable = ({ present, unit }: Summary): string =>
  statisticsTable(metricNames.map((name) => metricRow(metricTable[name], present[name], unit)));

function instanceTables(summary: InstanceSummary, classNames?: readonly string[]): string {
  const all = statisticsTable(
    instanceMetricNames.map((name) => metricRow(instanceMetricTable[name], summary.present[name])),
  );
  if (summary.perClass.length < 2) return all;
  return `${all}\n\n${textTable(instanceClassCells(summary, classNames))}`;
}

const statisticsTable = (rows: readonly (readonly string[])[]): string =>
  textTable([["", ...statisticNames, "interval", "images"], ...rows]);

const metricRow = (metric: MetricText, summary: MetricSummary, unit = ""): string[] => [
  labelWithUnit(metric, unit),
  ...statisticNames.map((column) => formatValue(metric, summary[column])),
  formatInterval(metric, summary.interval),
  String(summary.count),
];

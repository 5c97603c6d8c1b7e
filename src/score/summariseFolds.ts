/** The folds of a cross-validation in numbers: each fold, over the folds, and over all images pooled. */
import { bootstrapDefaults, type Bootstrap } from "../metrics/bootstrap.ts";
import {
  instanceMetricNames,
  instanceMetricTable,
  type InstanceMetricName,
} from "../metrics/instanceTable.ts";
import {
  metricNames,
  metricTable,
  type MetricName,
  type MetricText,
} from "../metrics/metricTable.ts";
import { statistics, summariseMetrics } from "../metrics/statistics.ts";
import type { MetricSummary, Statistics } from "../metrics/statistics.ts";
import { ArgumentError } from "../base/errors.ts";
import type { ScoreRows } from "./scores.ts";

/** The scores of the images that a fold was tested on. */
export interface FoldScores extends ScoreRows {
  readonly fold: number;
}

/**
 * What a metric was computed on: the foreground of the images that have any (only where some have none on
 * either side) and of all images; the mean over the classes that an image holds, and over all classes; instances.
 */
export type FoldTable = "present" | "foreground" | "classes" | "allClasses" | "instances";

/** One metric over the folds. */
export interface FoldMetric {
  readonly table: FoldTable;
  readonly name: MetricName | InstanceMetricName;
  readonly text: MetricText;
  /** Mean over the images of each fold. */
  readonly folds: readonly number[];
  /** Of these means: every fold counts the same. */
  readonly overFolds: Statistics;
  /** Of all images of all folds together: every image counts the same. */
  readonly overImages: MetricSummary;
}

export interface FoldsSummary {
  /** Numbers of the folds. */
  readonly folds: readonly number[];
  /** Images of each fold. */
  readonly images: readonly number[];
  /** Unit of the distances. */
  readonly unit: "mm" | "px";
  /** How the intervals over images were made. */
  readonly bootstrap: Bootstrap;
  readonly metrics: readonly FoldMetric[];
}

/**
 * Mean and deviation of every metric, over folds and over images. Images that a metric leaves out (see
 * `summarise` and `summariseInstances`) are left out here too.
 *
 * @throws {ArgumentError} without folds, or if an image was tested twice.
 */
export function summariseFolds(folds: readonly FoldScores[]): FoldsSummary {
  const names = folds.flatMap(({ perImage }) => perImage.map(({ name }) => name)).sort();
  const twice = names.find((name, i) => name === names[i + 1]);
  if (names.length === 0 || twice !== undefined) {
    throw new ArgumentError(
      `cross-validation: every image must be tested once, got ${twice === undefined ? "no images" : `${twice} twice`}`,
    );
  }
  const foreground = metricsOf("foreground", metricTable, metricNames, folds, (fold, name) => {
    const distance = metricTable[name].kind === "distance";
    return fold.perImage.map(({ scores }) =>
      distance && scores.distancesExcluded ? undefined : scores[name],
    );
  });
  const empty = folds.some(({ perImage }) =>
    perImage.some(({ scores }) => scores.truthEmpty || scores.predictionEmpty),
  );
  const present = empty
    ? metricsOf("present", metricTable, metricNames, folds, (fold, name) => {
        const distance = metricTable[name].kind === "distance";
        return fold.perImage.map(({ scores }) =>
          scores.truthEmpty || (distance && scores.predictionEmpty) ? undefined : scores[name],
        );
      })
    : [];
  const ofClasses = folds.every(({ classes }) => classes !== undefined)
    ? [
        ...metricsOf("classes", metricTable, metricNames, folds, ({ classes = [] }, name) =>
          classes.map(({ scores }) => {
            const value = scores.held[name];
            return Number.isNaN(value) ? undefined : value;
          }),
        ),
        ...metricsOf("allClasses", metricTable, metricNames, folds, ({ classes = [] }, name) =>
          classes.map(({ scores }) => scores.mean[name]),
        ),
      ]
    : [];
  const ofInstances = folds.every(({ instances }) => instances !== undefined)
    ? metricsOf(
        "instances",
        instanceMetricTable,
        instanceMetricNames,
        folds,
        ({ instances = [] }, name) => {
          const needs: boolean = instanceMetricTable[name].needsInstances;
          return instances.map(({ scores }) =>
            needs && scores.excluded ? undefined : scores[name],
          );
        },
      )
    : [];
  return {
    folds: folds.map(({ fold }) => fold),
    images: folds.map(({ perImage }) => perImage.length),
    unit: folds.find(({ perImage }) => perImage.length > 0)!.perImage[0]!.scores.unit,
    bootstrap: bootstrapDefaults({ groups: groupsOf(folds) }),
    metrics: [...present, ...foreground, ...ofClasses, ...ofInstances],
  };
}

/** Of all images, in the order of the folds. */
const groupsOf = (folds: readonly FoldScores[]): (string | undefined)[] =>
  folds.flatMap(({ perImage }) => perImage.map(({ group }) => group));

function metricsOf<Name extends MetricName | InstanceMetricName>(
  table: FoldTable,
  texts: Readonly<Record<Name, MetricText>>,
  names: readonly Name[],
  folds: readonly FoldScores[],
  column: (fold: FoldScores, name: Name) => (number | undefined)[],
): FoldMetric[] {
  const columns = names.map((name) => folds.map((fold) => column(fold, name)));
  const pooled = summariseMetrics(
    Object.fromEntries(names.map((name, i) => [name, columns[i]!.flat()])) as Record<
      Name,
      (number | undefined)[]
    >,
    { groups: groupsOf(folds) },
  );
  return names.map((name, i) => {
    const means = columns[i]!.map(
      (values) => statistics(values.filter((value) => value !== undefined)).mean,
    );
    const { label, kind, definition } = texts[name];
    return {
      table,
      name,
      text: { label, kind, definition },
      folds: means,
      overFolds: statistics(means),
      overImages: pooled[name],
    };
  });
}

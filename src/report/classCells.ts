/** The classes side by side as cells, the first row being the head: for the terminal and for the page. */
import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable } from "../metrics/metricTable.ts";
import type { ClassSummary } from "../metrics/scoreClasses.ts";
import type { InstanceSummary } from "../metrics/summariseInstances.ts";
import { formatMetric, formatNumber, labelOf } from "./formatNumber.ts";
import { nameOfClass } from "./imageColumns.ts";

const pooled = ["dice", "iou"] as const;
const means = ["dice", "iou", "hd95", "assd"] as const;

/**
 * Of each class the shares over all pixels, the means over the images that have it, how many those are, in how
 * many it was missed and in how many predicted without being there; below, the means of the classes.
 */
export function classCells(
  { perClass, micro, present, classesPresent }: ClassSummary,
  classNames?: readonly string[],
): string[][] {
  const unit = perClass[0]?.unit ?? "px";
  return [
    [
      "class",
      ...pooled.map((name) => `pooled ${metricTable[name].label}`),
      ...means.map((name) => `mean ${labelOf(name, unit)}`),
      ...["images", "missed", "false"],
    ],
    ...perClass.map((own, k) => [
      nameOfClass(classNames, k),
      ...pooled.map((name) => formatMetric(name, own.micro[name])),
      ...means.map((name) => formatMetric(name, own.present[name].mean)),
      ...[own.images - own.emptyTruths, own.missed, own.invented].map(String),
    ]),
    [
      `mean of ${classesPresent === 1 ? "the class" : `${classesPresent} classes`} present`,
      ...pooled.map((name) => formatMetric(name, micro[name])),
      ...means.map((name) => formatMetric(name, present[name])),
      ...["", "", ""],
    ],
  ];
}

/** Of each class PQ, DQ and SQ over all instances, the means over the images that have it, R2 and the counts. */
export function instanceClassCells(
  { perClass, conic }: InstanceSummary,
  classNames?: readonly string[],
): string[][] {
  const names = ["pq", "dq", "sq"] as const;
  const share = (value: number): string => formatNumber(value, 4);
  return [
    [
      "class",
      ...names.map((name) => `pooled ${instanceMetricTable[name].label}`),
      ...["mean PQ", "mean AJI+", "R2 of counts", "true", "predicted", "TP", "images"],
    ],
    ...perClass.map((own, k) => [
      nameOfClass(classNames, k),
      ...names.map((name) => share(own.pooled[name])),
      ...[own.present.pq.mean, own.present.ajiPlus.mean, conic.r2[k]!].map(share),
      ...[own.actual, own.predicted, own.pooled.truePositives].map(String),
      String(own.present.pq.count),
    ]),
  ];
}

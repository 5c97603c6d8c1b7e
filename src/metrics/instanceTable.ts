/** Every metric of instances in one table, as `metricTable` holds those of masks. */

import { ajiOf, ajiPlusOf } from "./aji.ts";
import type { InstanceOverlaps } from "./instanceOverlaps.ts";
import type { MetricText } from "./metricTable.ts";
import { panopticQuality, type Detections } from "./panopticQuality.ts";

/** What the metrics of instances are computed from. */
export interface InstanceStages {
  readonly overlaps: InstanceOverlaps;
  readonly detections: Detections;
}

export interface InstanceMetric extends MetricText {
  /** NaN, and left out of means, where there are no instances on both sides; else 1 there. */
  readonly needsInstances: boolean;
  readonly of: (stages: InstanceStages) => number;
}

const quality = (label: string, definition: string, name: "pq" | "dq" | "sq"): InstanceMetric => ({
  label,
  kind: "share",
  definition,
  needsInstances: true,
  of: ({ detections }) => panopticQuality(detections)[name],
});

/** A metric added here is scored, summarised, printed and reported. */
export const instanceMetricTable = {
  pq: quality("PQ", "panoptic quality, DQ times SQ; a match has an IoU above 0.5", "pq"),
  dq: quality("DQ", "TP / (TP + FP / 2 + FN / 2) of instances", "dq"),
  sq: quality("SQ", "mean IoU of the matched instances", "sq"),
  aji: {
    label: "AJI",
    kind: "share",
    definition: "IoU over all instances; each truth takes its best prediction",
    needsInstances: false,
    of: ({ overlaps }) => ajiOf(overlaps),
  },
  ajiPlus: {
    label: "AJI+",
    kind: "share",
    definition: "IoU over all instances, paired one to one",
    needsInstances: false,
    of: ({ overlaps }) => ajiPlusOf(overlaps),
  },
} satisfies Record<string, InstanceMetric>;

export type InstanceMetricName = keyof typeof instanceMetricTable;

/** All names, in the order of the table. */
export const instanceMetricNames = Object.keys(
  instanceMetricTable,
) as readonly InstanceMetricName[];

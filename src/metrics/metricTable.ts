/** Every metric of a pair in one table: what computes it, its unit, which way is better. */

import type { PixelCounts } from "./countPixels.ts";
import type { EmptyPolicy } from "./emptyPolicy.ts";
import { diceOf, iouOf, precisionOf, sensitivityOf, specificityOf } from "./overlap.ts";
import type { SurfaceDistances } from "./surfaceDistances.ts";
import { assdOf, hausdorffOf, hd95Of, hd95PooledOf, masdOf } from "./surfaceMetrics.ts";

/** `share`: 0 to 1, higher is better. `distance`: mm or pixels, 0 and up, lower is better. */
export type MetricKind = "share" | "distance";

/** What the pair's metrics are computed from. */
export interface PairStages {
  readonly counts: PixelCounts;
  readonly distances: SurfaceDistances;
  readonly empty: EmptyPolicy;
}

export interface Metric {
  readonly label: string;
  readonly kind: MetricKind;
  /** The definition in one line, for reports. */
  readonly definition: string;
  readonly of: (stages: PairStages) => number;
}

const share = (label: string, definition: string, of: (counts: PixelCounts) => number): Metric => ({
  label,
  kind: "share",
  definition,
  of: ({ counts }) => of(counts),
});

const distance = (
  label: string,
  definition: string,
  of: (distances: SurfaceDistances, empty: EmptyPolicy) => number,
): Metric => ({
  label,
  kind: "distance",
  definition,
  of: ({ distances, empty }) => of(distances, empty),
});

/** A metric added here is scored, summarised, printed and reported. */
export const metricTable = {
  dice: share("Dice", "2 TP / (2 TP + FP + FN)", diceOf),
  iou: share("IoU", "TP / (TP + FP + FN)", iouOf),
  hd95: distance("HD95", "larger of the two directed 95th percentiles of border distance", hd95Of),
  hd95Pooled: distance(
    "HD95 pooled",
    "95th percentile of the border distances of both directions together (MedPy's rule)",
    hd95PooledOf,
  ),
  hausdorff: distance("Hausdorff", "largest border distance of either direction", hausdorffOf),
  assd: distance("ASSD", "mean of the border distances of both directions together", assdOf),
  masd: distance("MASD", "mean of the two directed mean border distances", masdOf),
  sensitivity: share("Sensitivity", "TP / (TP + FN)", sensitivityOf),
  specificity: share("Specificity", "TN / (TN + FP)", specificityOf),
  precision: share("Precision", "TP / (TP + FP)", precisionOf),
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metricTable;

/** All names, in the order of the table. */
export const metricNames = Object.keys(metricTable) as readonly MetricName[];

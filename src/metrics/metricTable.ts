/** Every metric of a pair in one table: what computes it, its unit, which way is better. */

import type { BitRows } from "./bitRows.ts";
import { boundaryFOf } from "./boundaryF.ts";
import { boundaryIouOf } from "./boundaryIou.ts";
import type { PixelCounts } from "./countPixels.ts";
import type { EmptyPolicy } from "./emptyPolicy.ts";
import {
  diceOf,
  iouOf,
  miouMacroOf,
  precisionOf,
  sensitivityOf,
  specificityOf,
  thresholdedJaccardOf,
} from "./overlap.ts";
import type { SurfaceDistances } from "./surfaceDistances.ts";
import { assdOf, hausdorffOf, hd95Of, hd95PooledOf, masdOf, nsdOf } from "./surfaceMetrics.ts";

/** `share`: 0 to 1, higher is better. `distance`: mm or pixels, 0 and up, lower is better. */
export type MetricKind = "share" | "distance";

/** What the pair's metrics are computed from. */
export interface PairStages {
  readonly counts: PixelCounts;
  readonly distances: SurfaceDistances;
  readonly empty: EmptyPolicy;
  /** Both masks, one bit a pixel. */
  readonly bits: { readonly prediction: BitRows; readonly truth: BitRows };
  /** Of the surface Dice, in the distances' unit. */
  readonly nsdTolerance: number;
}

/** How a metric is named, read and shown. */
export interface MetricText {
  readonly label: string;
  readonly kind: MetricKind;
  /** The definition in one line, for reports. */
  readonly definition: string;
}

export interface Metric extends MetricText {
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

const boundary = (
  label: string,
  definition: string,
  of: (prediction: BitRows, truth: BitRows) => number,
): Metric => ({
  label,
  kind: "share",
  definition,
  of: ({ bits }) => of(bits.prediction, bits.truth),
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
  nsd: {
    label: "NSD",
    kind: "share",
    definition: "share of both borders within the tolerance of the other (surface Dice)",
    of: ({ distances, nsdTolerance }) => nsdOf(distances, nsdTolerance),
  },
  boundaryIou: boundary(
    "Boundary IoU",
    "IoU of the inner rims, 2 % of the image's diagonal wide",
    boundaryIouOf,
  ),
  boundaryF: boundary(
    "Boundary F",
    "F of the contours within 0.8 % of the image's diagonal (DAVIS)",
    boundaryFOf,
  ),
  thresholdedJaccard: share(
    "Thresholded Jaccard",
    "IoU, 0 if it is below 0.65 (ISIC)",
    thresholdedJaccardOf,
  ),
  miouMacro: share(
    "mIoU with background",
    "mean of the IoU of the foreground and of the background",
    miouMacroOf,
  ),
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metricTable;

/** All names, in the order of the table. */
export const metricNames = Object.keys(metricTable) as readonly MetricName[];

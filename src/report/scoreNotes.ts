/** What must be said beside scores, a line each, and each thing once. */
import { counted } from "../base/counted.ts";
import type { SpacingCount } from "../data/images/spacing.ts";
import type { Bootstrap } from "../metrics/bootstrap.ts";
import type { EmptyPolicy } from "../metrics/emptyPolicy.ts";
import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable, type MetricName } from "../metrics/metricTable.ts";
import type { ClassSummary } from "../metrics/scoreClasses.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { SizeGroup } from "../metrics/sizeGroups.ts";
import type { InstanceStatistics, InstanceSummary } from "../metrics/summariseInstances.ts";
import type { Scores, Summaries } from "../score/scores.ts";
import { formatMetric, formatNumber, labelOf } from "./formatNumber.ts";

/** All of them: of instances, of classes, of the foreground, and of how it was taken. */
export function scoreNotes(scores: Summaries & Pick<Scores, "classNames" | "spacing">): string[] {
  const { summary, classes, instances, classNames = [], spacing } = scores;
  const several = classes !== undefined || instances !== undefined;
  return [
    ...(instances ? instanceNotes(instances.summary, classNames) : []),
    ...(classes ? classNotes(classes.summary) : []),
    ...foregroundNotes(summary).map((note) => (several ? `foreground, ${note}` : note)),
    ...howNotes(summary, classes?.summary),
    ...(spacing ? spacingNotes(spacing) : []),
  ];
}

/** Pixels pooled, empty masks, and the means over all images where they differ from those shown. */
export function foregroundNotes(summary: Summary): string[] {
  const { images, micro, emptyTruths, emptyPredictions, missed, invented } = summary;
  const pooled = (["dice", "iou", "sensitivity", "precision", "miouMacro"] as const).map(
    (name) => `${metricTable[name].label} ${formatNumber(micro[name], 4)}`,
  );
  return [
    `over all pixels at once: ${pooled.join(", ")}`,
    `${counted(images, "image")}: ${emptyTruths} with an empty truth, ` +
      `${emptyPredictions} with an empty prediction; ${missed} missed, ${invented} false`,
    ...(hasEmpty(summary)
      ? [`over all images: ${overAll((name) => summary.metrics[name].mean, summary)}`]
      : []),
  ];
}

/** The mean of the classes, if absent ones count. */
function classNotes({ mean, perClass }: ClassSummary): string[] {
  const [first] = perClass;
  return first && perClass.some(hasEmpty)
    ? [`mean of the ${perClass.length} classes over all images: ${overAll((k) => mean[k], first)}`]
    : [];
}

/** By which rules, and what the intervals are. */
export function howNotes(summary: Summary, classes?: ClassSummary): string[] {
  const { emptyPolicy, nsdTolerance, unit, excluded, bootstrap } = summary;
  const all = [summary, ...(classes?.perClass ?? [])];
  return [
    ...(all.some(hasEmpty)
      ? [
          "means, their spread and intervals are over the images that have it: shares over those whose truth " +
            "is not empty (missed: 0), distances over those where neither mask is",
          "over all images: absent on both sides counts as 1 and as a distance of 0; " +
            policyNotes[emptyPolicy] +
            (excluded > 0 ? ` (${counted(excluded, "image")})` : ""),
        ]
      : []),
    `NSD within ${nsdTolerance} ${unit}`,
    intervalNote(bootstrap),
  ];
}

/** Instances pooled, the challenge's scores, what is left out. */
export function instanceNotes(summary: InstanceSummary, classes: readonly string[]): string[] {
  const { images, excluded, emptyTruths, emptyPredictions, conic, metrics } = summary;
  const ofClasses = (values: readonly number[]) =>
    values.length < 2
      ? ""
      : ` (${values.map((value, k) => `${classes[k] ?? k + 1} ${formatNumber(value, 4)}`).join(", ")})`;
  const all = (["pq", "dq", "sq", "aji", "ajiPlus"] as const).map(
    (name) => `${instanceMetricTable[name].label} ${formatNumber(metrics[name].mean, 4)}`,
  );
  return [
    `over all instances at once: ${pooledNote(summary)}`,
    ...summary.bySize.map(sizeNote),
    `mPQ+ ${formatNumber(conic.mpqPlus, 4)}${ofClasses(conic.pqPlus)}`,
    `R2 of the counts ${formatNumber(conic.meanR2, 4)}${ofClasses(conic.r2)}`,
    `${counted(images, "image")}: ${emptyTruths} without a true instance, ` +
      `${emptyPredictions} without a predicted one, ${excluded} without both`,
    ...(emptyTruths === 0
      ? []
      : [
          "means of instances are over the images that have any; over all images, those without both left out " +
            `of PQ, DQ and SQ and 1 in AJI and AJI+: ${all.join(", ")}`,
        ]),
  ];
}

const sizeNote = (group: SizeGroup): string => {
  const { least, most, found, missed, invented, precision, recall, f1 } = group;
  const rates = [precision, recall, f1].map((value) => formatNumber(value, 4));
  return (
    `instances of ${least} to ${most} pixels, a third of the true ones: precision ${rates[0]!}, ` +
    `recall ${rates[1]!}, F1 ${rates[2]!} (${found} found, ${missed} missed, ${invented} false)`
  );
};

function pooledNote({ pooled }: InstanceStatistics): string {
  const { pq, dq, sq, truePositives, falsePositives, falseNegatives } = pooled;
  return (
    `PQ ${formatNumber(pq, 4)}, DQ ${formatNumber(dq, 4)}, SQ ${formatNumber(sq, 4)}; ` +
    `${truePositives} TP, ${falsePositives} FP, ${falseNegatives} FN`
  );
}

/** Whether an image has an empty mask, so that the means over all images differ from the others. */
export const hasEmpty = ({ emptyTruths, emptyPredictions }: Summary): boolean =>
  emptyTruths + emptyPredictions > 0;

const overAll = (mean: (name: MetricName) => number, { unit }: Summary): string =>
  (["dice", "iou", "hd95", "assd"] as const)
    .map((name) => `${labelOf(name, unit)} ${formatMetric(name, mean(name))}`)
    .join(", ");

/** Of what the intervals are. */
export const intervalNote = ({ confidence, resamples, seed, groups }: Bootstrap): string =>
  `interval: ${formatNumber(100 * confidence, 0)} % of the mean, by bootstrap over ` +
  `${groups === undefined ? "images" : `${groups} groups of images`} ` +
  `(${resamples} resamples, seed ${seed})`;

const policyNotes: Readonly<Record<EmptyPolicy, string>> = {
  diagonal: "where just one mask is empty, the distances are the image's diagonal",
  infinity: "where just one mask is empty, the distances are infinite",
  nan: "where just one mask is empty, the distances are NaN, and so are their means",
  skip: "where just one mask is empty, the distances are left out of the means",
};

/** Why distances are in pixels although some images tell the size of their pixels in mm; none where all or no images do. */
export const spacingNotes = ({ images, known }: SpacingCount): string[] =>
  known === 0 || known === images
    ? []
    : [`distances in pixels: ${known} of ${images} images tell the size of their pixels in mm`];

/** The scores of an evaluation as columns over its images, whatever was scored: masks, classes, instances. */
import { instanceMetricNames, instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricNames, metricTable, type MetricName } from "../metrics/metricTable.ts";
import type { PairInstanceScores } from "../metrics/scoreInstances.ts";
import type { Scores } from "../score/scores.ts";
import { formatNumber, formatValue, labelOf } from "./formatNumber.ts";

/** One number of every image. */
export interface ImageColumn {
  /** With the unit, if it is a distance. */
  readonly label: string;
  readonly kind: "share" | "distance" | "count";
  /** The definition in one line. */
  readonly definition: string;
  /** In the order of the images; NaN where there is none. */
  readonly values: readonly number[];
}

export const formatCell = ({ kind }: Pick<ImageColumn, "kind">, value: number): string =>
  kind === "count" ? formatNumber(value, 0) : formatValue({ kind }, value);

/** The name of class k, counted from 0. */
export const nameOfClass = (names: readonly string[] | undefined, k: number): string =>
  names?.[k] ?? `class ${k + 1}`;

/** Every column of the table of images, the headline metric first. */
export function imageColumns(scores: Scores): ImageColumn[] {
  return [
    ...instanceColumns(scores),
    ...classColumns(scores),
    ...metricNames.map((name) => maskColumn(scores, name)),
  ];
}

/**
 * The metric by which cases are ordered: PQ where instances are told apart, the mean Dice of the classes
 * where there are several, else Dice.
 */
export const headlineColumn = (scores: Scores): ImageColumn =>
  instanceColumns(scores)[0] ?? classColumns(scores)[0] ?? maskColumn(scores, "dice");

/** What is said of each case and of the whole, the headline metric first. */
export function headlineColumns(scores: Scores): ImageColumn[] {
  const { instances, classes } = scores;
  if (instances)
    return [
      ...(["pq", "dq", "sq", "ajiPlus"] as const).map((name) => instanceColumn(instances, name)),
      maskColumn(scores, "dice"),
    ];
  if (classes)
    return (["dice", "iou", "hd95", "assd"] as const).map((name) => meanColumn(classes, name));
  return (["dice", "iou", "hd95", "assd"] as const).map((name) => maskColumn(scores, name));
}

/**
 * Indices of the images from the worst to the best by the headline metric; equal ones keep their order.
 * Images without a value come last: they hold no instance on either side, and nothing is wrong with them.
 */
export function worstImages(scores: Scores): number[] {
  const { values } = headlineColumn(scores);
  const key = (i: number) => (Number.isNaN(values[i]!) ? Infinity : values[i]!);
  const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);
  return values.map((_, i) => i).sort((a, b) => compare(key(a), key(b)));
}

/**
 * Names of the cases to show: the worst half, then the best half, images without a value left out unless
 * no other is left.
 */
export function casesToShow(scores: Scores, count: number): string[] {
  const { values } = headlineColumn(scores);
  const all = worstImages(scores);
  const valued = all.filter((i) => !Number.isNaN(values[i]!));
  const ordered = valued.length > 0 ? valued : all;
  const half = Math.ceil(Math.min(count, ordered.length) / 2);
  const shown = new Set([...ordered.slice(0, half), ...ordered.slice(ordered.length - half)]);
  return [...shown].slice(0, count).map((i) => scores.perImage[i]!.name);
}

const unitOf = ({ perImage }: Scores): string => perImage[0]?.scores.unit ?? "px";

function maskColumn(scores: Scores, name: MetricName): ImageColumn {
  const joined = scores.instances !== undefined || scores.classes !== undefined;
  const { kind, definition } = metricTable[name];
  return {
    label: labelOf(name, unitOf(scores)),
    kind,
    definition: joined ? `foreground, all classes joined: ${definition}` : definition,
    values: scores.perImage.map((image) => image.scores[name]),
  };
}

type Instances = NonNullable<Scores["instances"]>;
type Classes = NonNullable<Scores["classes"]>;

function instanceColumn(
  { perImage }: Instances,
  name: (typeof instanceMetricNames)[number],
): ImageColumn {
  const { label, kind, definition } = instanceMetricTable[name];
  return { label, kind, definition, values: perImage.map(({ scores }) => scores[name]) };
}

function instanceColumns({ instances, classNames }: Scores): ImageColumn[] {
  if (!instances) return [];
  const count = (
    label: string,
    definition: string,
    of: (scores: PairInstanceScores) => number,
  ): ImageColumn => ({
    label,
    kind: "count",
    definition,
    values: instances.perImage.map(({ scores }) => of(scores)),
  });
  const classes = instances.summary.perClass.length;
  const ofClass = (k: number): ImageColumn => ({
    label: `PQ ${nameOfClass(classNames, k)}`,
    kind: "share",
    definition: `PQ of the instances of ${nameOfClass(classNames, k)} alone`,
    values: instances.perImage.map(({ scores }) => scores.perClass[k]!.pq),
  });
  return [
    ...instanceMetricNames.map((name) => instanceColumn(instances, name)),
    count("true", "true instances", ({ actual }) => actual),
    count("predicted", "predicted instances", ({ predicted }) => predicted),
    count("TP", "matched, IoU above 0.5", ({ detections }) => detections.truePositives),
    count("FP", "predicted, without a match", ({ detections }) => detections.falsePositives),
    count("FN", "true, without a match", ({ detections }) => detections.falseNegatives),
    ...(classes < 2 ? [] : Array.from({ length: classes }, (_, k) => ofClass(k))),
  ];
}

function meanColumn({ perImage }: Classes, name: MetricName): ImageColumn {
  const { kind, definition } = metricTable[name];
  return {
    label: `mean ${labelOf(name, perImage[0]?.scores.perClass[0]?.unit ?? "px")}`,
    kind,
    definition: `mean over the classes that the image holds, by the truth or the prediction: ${definition}`,
    values: perImage.map(({ scores }) => scores.held[name]),
  };
}

function classColumns({ classes, classNames }: Scores): ImageColumn[] {
  if (!classes) return [];
  const { perImage, summary } = classes;
  const ofClass = (k: number): ImageColumn => ({
    label: `Dice ${nameOfClass(classNames, k)}`,
    kind: "share",
    definition: `Dice of ${nameOfClass(classNames, k)} against everything else; none where neither side has it`,
    values: perImage.map(({ scores }) => {
      const { dice, truthEmpty, predictionEmpty } = scores.perClass[k]!;
      return truthEmpty && predictionEmpty ? NaN : dice;
    }),
  });
  return [meanColumn(classes, "dice"), ...summary.perClass.map((_, k) => ofClass(k))];
}

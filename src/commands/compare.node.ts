/** Runs scored on the same images: which is better, by how much, and could it be chance. */
import { z } from "zod";
import { counted } from "../base/counted.ts";
import { bootstrapDefaults, type Bootstrap } from "../metrics/bootstrap.ts";
import { comparePaired, type PairedComparison } from "../metrics/comparePaired.ts";
import { holm } from "../metrics/holm.ts";
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
import { formatInterval, formatValue, labelWithUnit } from "../report/formatNumber.ts";
import { intervalNote } from "../report/scoreNotes.ts";
import { textTable } from "../report/textTable.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { bootstrapOptions } from "./scoreOptions.ts";
import { checkOptions } from "../base/options.ts";
import { readScores, type ReadScores } from "./readScores.node.ts";

const texts: Readonly<Record<MetricName | InstanceMetricName, MetricText>> = {
  ...metricTable,
  ...instanceMetricTable,
};
const names = [...metricNames, ...instanceMetricNames] as const;

export const compareSchema = z.strictObject({
  a: z.string().min(1).describe("scores.json of the first run, or a folder that holds one"),
  b: z.string().min(1).describe("scores.json of the second run, or a folder that holds one"),
  more: z
    .array(z.string().min(1))
    .optional()
    .describe("further runs, each compared with the first like the second"),
  metrics: z.array(z.enum(names)).optional().describe("metrics to compare (default: all in both)"),
  classes: z
    .boolean()
    .default(false)
    .describe("compare the means over the classes that an image holds, not the foreground"),
  ...bootstrapOptions,
});

export type CompareOptions = z.input<typeof compareSchema>;

/** One metric of both runs. */
export interface ComparedMetric extends PairedComparison {
  readonly metric: MetricName | InstanceMetricName;
  readonly label: string;
  readonly kind: MetricText["kind"];
  /** Images where b is better, for distances where it is smaller, and where a is. */
  readonly wins: number;
  readonly losses: number;
  /** With more than two runs: the p-values by Holm's correction for all that are compared with the first. */
  readonly corrected?: { readonly wilcoxon: number; readonly signFlip: number };
}

export interface CompareResult {
  /** The files that were compared. */
  readonly a: string;
  readonly b: string;
  /** Images in both. */
  readonly images: number;
  /** Names of images in one file only; they do not count. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Unit of the distances, where there are any. */
  readonly unit?: string;
  readonly metrics: readonly ComparedMetric[];
  readonly bootstrap: Bootstrap;
  /** The comparisons of further runs with the first, in the order given; absent without any. */
  readonly more?: readonly CompareResult[];
}

/**
 * Compares the scores of two runs image by image: images are paired by name, differences are b - a. Where
 * the files tell groups of images, intervals and sign flips are over groups; see `comparePaired`. Further runs (`more`) are compared
 * with the first in the same way; all p-values are then corrected as well.
 *
 * @throws {ArgumentError} for unusable options, or a metric that is not in both files.
 * @throws {DataError} for files that are missing or unusable, have no image in common, or were scored
 *   differently (unit, empty policy, tolerance).
 */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  const checked = checkOptions(compareSchema, options, "options of compare");
  const read = async (path: string): Promise<ReadScores> =>
    chosenScores(await readScores(path), checked.classes);
  const a = await read(checked.a);
  const first = comparePair(a, await read(checked.b), checked);
  const more: CompareResult[] = [];
  for (const path of checked.more ?? []) more.push(comparePair(a, await read(path), checked));
  if (more.length === 0) return first;
  const [corrected, ...others] = correctedForAll([first, ...more]);
  return { ...corrected!, more: others };
}

function comparePair(
  a: ReadScores,
  b: ReadScores,
  checked: z.output<typeof compareSchema>,
): CompareResult {
  const { resamples, confidence, seed } = checked;
  refuseUnlike(a, b);
  const common = [...a.images.keys()].filter((name) => b.images.has(name));
  if (common.length === 0)
    throw new DataError(
      `${b.path}: must share images with ${a.path}, got none of the same name ` +
        `(${nameOf(b)} and ${nameOf(a)}, for example); score both runs on the same images`,
    );
  const groups = common.map((name) => a.groups.get(name) ?? b.groups.get(name));
  const bootstrap = { resamples, confidence, seed, groups };
  const both = names.filter((name) =>
    [a, b].every(({ images }) => common.every((image) => images.get(image)!.has(name))),
  );
  for (const name of checked.metrics ?? [])
    if (!both.includes(name))
      throw new ArgumentError(
        `metrics (--metrics) must be in both files, got ${name}; there are ${both.join(", ")}`,
      );
  const chosen = checked.metrics ?? both;
  if (chosen.length === 0)
    throw new DataError(
      `${b.path}: must share metrics with ${a.path}, got none; score both runs alike`,
    );
  return {
    a: a.path,
    b: b.path,
    images: common.length,
    onlyA: [...a.images.keys()].filter((name) => !b.images.has(name)),
    onlyB: [...b.images.keys()].filter((name) => !a.images.has(name)),
    ...(a.how.unit !== undefined && { unit: a.how.unit }),
    metrics: chosen.map((metric): ComparedMetric => {
      const of = ({ images }: ReadScores) => common.map((image) => images.get(image)!.get(metric)!);
      const paired = comparePaired(of(a), of(b), bootstrap);
      const { label, kind } = texts[metric];
      const [wins, losses] =
        kind === "share" ? [paired.larger, paired.smaller] : [paired.smaller, paired.larger];
      return { metric, label, kind, ...paired, wins, losses };
    }),
    bootstrap: bootstrapDefaults(bootstrap),
  };
}

/** The comparisons with p-values corrected, metric by metric, for how many there are. */
function correctedForAll(results: readonly CompareResult[]): CompareResult[] {
  const corrected = (name: string, of: (row: ComparedMetric) => number): number[] =>
    holm(
      results.map(({ metrics }) => {
        const row = metrics.find(({ metric }) => metric === name);
        return row ? of(row) : NaN;
      }),
    );
  return results.map((result, i) => ({
    ...result,
    metrics: result.metrics.map((row) => ({
      ...row,
      corrected: {
        wilcoxon: corrected(row.metric, ({ wilcoxon }) => wilcoxon.p)[i]!,
        signFlip: corrected(row.metric, ({ signFlip }) => signFlip.p)[i]!,
      },
    })),
  }));
}

/** @throws {DataError} if classes are asked of a file without any. */
function chosenScores(scores: ReadScores, classes: boolean): ReadScores {
  if (!classes) return scores;
  if (scores.classImages) return { ...scores, images: scores.classImages };
  throw new DataError(
    `${scores.path}: must hold scores of several classes for --classes, got none; leave --classes out`,
  );
}

/** The comparison as text: of two runs a table with a line a metric, of more a table a metric; with the notes that belong to it. */
export const formatComparison = (result: CompareResult): string =>
  result.more ? formatRuns([result, ...result.more]) : formatPair(result);

/** @param results  at least one, all with the same first run */
function formatRuns(results: readonly CompareResult[]): string {
  const [first] = results as [CompareResult];
  const head = ["", "mean", "against a", "interval", "better / worse / equal"];
  const tables = names.flatMap((name) => {
    const having = results.flatMap((result, i) => {
      const row = result.metrics.find(({ metric }) => metric === name);
      return row ? [[i, row] as const] : [];
    });
    const [any] = having;
    if (!any) return [];
    const [, { meanA }] = any;
    const lines = having.map(([i, row]) => [
      letter(i + 1),
      formatValue(row, row.meanB),
      formatValue(row, row.difference),
      formatInterval(row, row.interval),
      `${row.wins} / ${row.losses} / ${row.equal}`,
      formatP(row.corrected?.wilcoxon ?? NaN),
      formatP(row.corrected?.signFlip ?? NaN),
      String(row.count),
    ]);
    const reference = ["a", formatValue(any[1], meanA), "", "", "", "", "", ""];
    return [
      "",
      labelWithUnit({ ...any[1], definition: "" }, first.unit ?? "px"),
      textTable([[...head, "p Wilcoxon", "p sign flips", "images"], reference, ...lines]),
    ];
  });
  const missing = results.flatMap(({ onlyA, onlyB }, i) => [
    ...leftOut(`a, not in ${letter(i + 1)}`, onlyA),
    ...leftOut(`${letter(i + 1)}, not in a`, onlyB),
  ]);
  return [
    `a: ${first.a}`,
    ...results.map(({ b }, i) => `${letter(i + 1)}: ${b}`),
    ...tables,
    "",
    ...missing,
    intervalNote(first.bootstrap).replace("the mean", "the mean difference"),
    `p: two-sided, of each metric by itself; by Holm's correction for the ${results.length} runs that are compared with a`,
    ...(first.bootstrap.groups === undefined ? [] : [GROUPS_NOTE]),
  ].join("\n");
}

/** a, b, ..., z, then numbers. */
const letter = (i: number): string => (i < 26 ? String.fromCharCode(97 + i) : String(i + 1));

const GROUPS_NOTE =
  "p: signs are flipped of whole groups; Wilcoxon's test takes images as independent";

const leftOut = (where: string, list: readonly string[]): string[] =>
  list.length === 0 ? [] : [`only in ${where}, left out: ${list.length} (${shortened(list)})`];

function formatPair(result: CompareResult): string {
  const rows = result.metrics.map((row) => [
    labelWithUnit({ ...row, definition: "" }, result.unit ?? "px"),
    formatValue(row, row.meanA),
    formatValue(row, row.meanB),
    formatValue(row, row.difference),
    formatInterval(row, row.interval),
    `${row.wins} / ${row.losses} / ${row.equal}`,
    formatP(row.wilcoxon.p),
    formatP(row.signFlip.p),
    String(row.count),
  ]);
  const head = ["", "a", "b", "b - a", "interval", "better / worse / equal"];
  return [
    `a: ${result.a}`,
    `b: ${result.b}`,
    "",
    textTable([[...head, "p Wilcoxon", "p sign flips", "images"], ...rows]),
    "",
    `${counted(result.images, "image")} in both`,
    ...leftOut("a", result.onlyA),
    ...leftOut("b", result.onlyB),
    intervalNote(result.bootstrap).replace("the mean", "the mean difference"),
    "p: two-sided, of each metric by itself; not corrected for looking at several",
    ...(result.bootstrap.groups === undefined ? [] : [GROUPS_NOTE]),
  ].join("\n");
}

const formatP = (p: number): string =>
  Number.isNaN(p) ? "n/a" : p < 0.0001 ? "< 0.0001" : p.toFixed(4);

const shortened = (list: readonly string[]): string =>
  list.slice(0, 10).join(", ") + (list.length > 10 ? ", ..." : "");

const nameOf = ({ images }: ReadScores): string => [...images.keys()][0] ?? "no image";

/** Numbers taken by different rules are no comparison. */
function refuseUnlike(a: ReadScores, b: ReadScores): void {
  for (const key of ["unit", "emptyPolicy", "nsdTolerance"] as const)
    if (a.how[key] !== b.how[key])
      throw new DataError(
        `${b.path}: ${key} must be as in ${a.path}, ${a.how[key] ?? "none"}, ` +
          `got ${b.how[key] ?? "none"}; score both runs with the same options`,
      );
}

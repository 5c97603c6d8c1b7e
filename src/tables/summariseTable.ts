/** A table's runs in numbers: each row's means, how sure they are, and whether it differs from the reference row. */
import { bootstrapMean, type Interval } from "../metrics/bootstrap.ts";
import { comparePaired } from "../metrics/comparePaired.ts";
import { holm } from "../metrics/holm.ts";
import { statistics } from "../metrics/statistics.ts";
import type { PaperTable, TableMetric, TableRow } from "./paperTables.ts";

/** The scores of one test image. */
export interface ImageRow {
  readonly name: string;
  /** Patient or source image, where it is known. */
  readonly group?: string | undefined;
  /** Shares from 0 to 1, distances in the run's unit; null where the metric has no value. */
  readonly scores: Readonly<Partial<Record<TableMetric, number | null>>>;
}

/** A finished run: one row, one fold, one seed. */
export interface TableRun {
  readonly row: string;
  readonly fold: number;
  readonly seed: number;
  readonly epochs: number;
  /** Time in the training steps and validations, without interruptions. */
  readonly trainingSeconds: number;
  /** Median time of one prediction, ms. */
  readonly predictionMs: number;
  readonly parameters: number;
  /** Multiply-accumulates of one image at the size that the network sees. */
  readonly macs: number;
  readonly unit: string;
  readonly images: readonly ImageRow[];
}

export interface MetricOfRow {
  /** Mean over images; each image counts once, with its mean over seeds. */
  readonly mean: number;
  /** Standard deviation of the runs' own means; NaN for a single run. */
  readonly deviation: number;
  /** Of the mean, by the bootstrap over images or groups. */
  readonly interval: Interval;
  /** Images that have the metric. */
  readonly images: number;
  /** Against the reference row, image by image; absent for the reference itself. */
  readonly against?: {
    readonly difference: number;
    readonly interval: Interval;
    /** Wilcoxon's signed-rank test, two-sided. */
    readonly p: number;
    /** The same after Holm's correction for the rows of the table. */
    readonly corrected: number;
  };
}

export interface RowSummary {
  readonly row: TableRow;
  readonly runs: number;
  /** Of the runs that the plan has. */
  readonly planned: number;
  /** What failed, in words. */
  readonly failures: readonly string[];
  readonly metrics: Readonly<Partial<Record<TableMetric, MetricOfRow>>>;
  readonly parameters: number;
  readonly macs: number;
  /** Means over the runs. */
  readonly trainingSeconds: number;
  readonly epochs: number;
  readonly predictionMs: number;
}

export interface TableSummary {
  readonly table: PaperTable;
  readonly unit: string;
  readonly rows: readonly RowSummary[];
}

/** What the plan says of a row: how many runs it has, and which of them failed. */
export interface RowPlan {
  readonly row: TableRow;
  readonly planned: number;
  readonly failures: readonly string[];
}

/**
 * Sums up finished runs. Rows are compared with the reference on the images that both have.
 *
 * @param runs  in any order; of rows of the table alone
 */
export function summariseTable(
  table: PaperTable,
  plan: readonly RowPlan[],
  runs: readonly TableRun[],
): TableSummary {
  const ofRow = (name: string): TableRun[] => runs.filter(({ row }) => row === name);
  const reference = imageMeans(ofRow(table.reference));
  const rows = plan.map((entry): RowSummary => {
    const own = ofRow(entry.row.name);
    const images = imageMeans(own);
    const isReference = entry.row.name === table.reference;
    const mean = (of: (run: TableRun) => number): number => statistics(own.map(of)).mean;
    return {
      ...entry,
      runs: own.length,
      metrics: Object.fromEntries(
        table.metrics.flatMap((metric) => {
          const made = metricOf(metric, own, images, isReference ? null : reference);
          return made ? [[metric, made] as const] : [];
        }),
      ),
      parameters: own[0]?.parameters ?? NaN,
      macs: own[0]?.macs ?? NaN,
      trainingSeconds: mean((run) => run.trainingSeconds),
      epochs: mean((run) => run.epochs),
      predictionMs: mean((run) => run.predictionMs),
    };
  });
  return { table, unit: runs[0]?.unit ?? "px", rows: corrected(table.metrics, rows) };
}

interface ImageMeans {
  readonly group: string | undefined;
  /** Mean over the runs that tested the image. */
  readonly means: ReadonlyMap<TableMetric, number>;
}

/** Each image once, with its mean over the runs that have a value for it. */
function imageMeans(runs: readonly TableRun[]): Map<string, ImageMeans> {
  const values = new Map<string, { group: string | undefined; all: Map<TableMetric, number[]> }>();
  for (const { images } of runs) {
    for (const { name, group, scores } of images) {
      const entry = values.get(name) ?? { group, all: new Map<TableMetric, number[]>() };
      values.set(name, entry);
      for (const [metric, value] of Object.entries(scores) as [TableMetric, number | null][]) {
        if (value === null) continue;
        entry.all.set(metric, [...(entry.all.get(metric) ?? []), value]);
      }
    }
  }
  return new Map(
    [...values].map(([name, { group, all }]) => [
      name,
      { group, means: new Map([...all].map(([metric, list]) => [metric, statistics(list).mean])) },
    ]),
  );
}

function metricOf(
  metric: TableMetric,
  runs: readonly TableRun[],
  images: ReadonlyMap<string, ImageMeans>,
  reference: ReadonlyMap<string, ImageMeans> | null,
): MetricOfRow | undefined {
  const having = [...images].filter(([, { means }]) => means.has(metric));
  if (having.length === 0) return undefined;
  const values = having.map(([, { means }]) => means.get(metric)!);
  const groups = having.map(([, { group }]) => group);
  const runMeans = runs.map(
    (run) => statistics(run.images.flatMap(({ scores }) => scores[metric] ?? [])).mean,
  );
  const common = having.filter(([name]) => reference?.get(name)?.means.has(metric));
  const paired =
    reference && common.length > 0
      ? comparePaired(
          common.map(([name]) => reference.get(name)!.means.get(metric)!),
          common.map(([, { means }]) => means.get(metric)!),
          { groups: common.map(([, { group }]) => group) },
        )
      : undefined;
  return {
    mean: statistics(values).mean,
    deviation: statistics(runMeans).std,
    interval: bootstrapMean(values, { groups }),
    images: values.length,
    ...(paired && {
      against: {
        difference: paired.difference,
        interval: paired.interval,
        p: paired.wilcoxon.p,
        corrected: NaN,
      },
    }),
  };
}

/** The rows with p-values corrected, metric by metric, for the number of rows that were compared. */
function corrected(metrics: readonly TableMetric[], rows: readonly RowSummary[]): RowSummary[] {
  const byMetric = new Map(
    metrics.map((metric) => [
      metric,
      holm(rows.map((row) => row.metrics[metric]?.against?.p ?? NaN)),
    ]),
  );
  return rows.map((row, i) => ({
    ...row,
    metrics: Object.fromEntries(
      Object.entries(row.metrics).map(([name, metric]) => {
        const { against, ...rest } = metric;
        const p = byMetric.get(name as TableMetric)?.[i] ?? NaN;
        return [name, against ? { ...rest, against: { ...against, corrected: p } } : rest];
      }),
    ),
  }));
}

/** Mean, spread and range of a metric over images, with the interval that the mean can be trusted to. */

import { bootstrapMeans, type BootstrapOptions, type Interval } from "./bootstrap.ts";
import { percentile } from "./percentile.ts";

/** Of one metric over images; everything but `count` is NaN if `count` is 0. */
export interface Statistics {
  /** Images that went into it. */
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample, sqrt(sum (x - mean)^2 / (n - 1)); NaN for a single image. */
  readonly std: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface MetricSummary extends Statistics {
  /** Of the mean: percentile bootstrap over images or groups, 95 % unless told otherwise. NaN for one image. */
  readonly interval: Interval;
}

/** Mean, spread and range of some numbers, in float64. A NaN among them makes all of it NaN. */
export function statistics(values: readonly number[]): Statistics {
  const count = values.length;
  if (count === 0 || values.some(Number.isNaN))
    return { count, mean: NaN, std: NaN, median: NaN, min: NaN, max: NaN };
  const mean = values.reduce((total, value) => total + value, 0) / count;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return {
    count,
    mean,
    std: count > 1 ? Math.sqrt(squares / (count - 1)) : NaN,
    median: percentile(Float64Array.from(values), 50),
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

/**
 * The statistics of several metrics, with the confidence intervals of their means.
 *
 * @param columns  of each metric, the value of each image; undefined where the image does not count for it.
 * @throws {ArgumentError} if an option of the bootstrap is unusable.
 */
export function summariseMetrics<Name extends string>(
  columns: Readonly<Record<Name, readonly (number | undefined)[]>>,
  options: BootstrapOptions = {},
): Record<Name, MetricSummary> {
  const entries = Object.entries<readonly (number | undefined)[]>(columns);
  const intervals = bootstrapMeans(
    entries.map(([, values]) => values),
    options,
  );
  return Object.fromEntries(
    entries.map(([name, values], i) => [
      name,
      {
        ...statistics(values.filter((value) => value !== undefined)),
        interval: intervals[i]!,
      },
    ]),
  ) as Record<Name, MetricSummary>;
}

/** The spread of some numbers, as people read it. */
import { percentile } from "../metrics/percentile.ts";

/** Of no numbers, all are NaN. */
export interface Quantiles {
  readonly min: number;
  /** 5 % are below. */
  readonly p5: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  readonly mean: number;
}

/** Percentiles with linear interpolation, and the mean, in float64. */
export function quantiles(values: readonly number[]): Quantiles {
  if (values.length === 0) {
    return { min: NaN, p5: NaN, median: NaN, p95: NaN, max: NaN, mean: NaN };
  }
  const at = (share: number): number => percentile(Float64Array.from(values), share);
  return {
    min: at(0),
    p5: at(5),
    median: at(50),
    p95: at(95),
    max: at(100),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  };
}

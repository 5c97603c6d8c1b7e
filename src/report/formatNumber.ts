/** Numbers as people read them in tables and captions. */

import type { Interval } from "../metrics/bootstrap.ts";
import { metricTable, type MetricName, type MetricText } from "../metrics/metricTable.ts";

/** A number with so many digits behind the point; `n/a` for NaN, a sign for infinity. */
export function formatNumber(value: number, digits: number): string {
  if (Number.isNaN(value)) return "n/a";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  return value.toFixed(digits);
}

/** A value of some metric: shares with 4 digits behind the point, distances with 2. */
export const formatValue = ({ kind }: Pick<MetricText, "kind">, value: number): string =>
  formatNumber(value, kind === "share" ? 4 : 2);

/** An interval of some metric, as `0.8123 to 0.8507`; `n/a` where there is none. */
export const formatInterval = (
  metric: Pick<MetricText, "kind">,
  { low, high }: Interval,
): string =>
  Number.isNaN(low) ? "n/a" : `${formatValue(metric, low)} to ${formatValue(metric, high)}`;

/** A metric's value: shares with 4 digits behind the point, distances with 2. */
export const formatMetric = (name: MetricName, value: number): string =>
  formatValue(metricTable[name], value);

/** A metric's name, with its unit if it is a distance. */
export const labelWithUnit = ({ label, kind }: MetricText, unit: string): string =>
  label + (kind === "distance" ? ` (${unit})` : "");

/** The name of a metric of masks, with its unit if it is a distance. */
export const labelOf = (name: MetricName, unit: string): string =>
  labelWithUnit(metricTable[name], unit);

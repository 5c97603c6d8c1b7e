/** Numbers as people read them in tables and captions. */

import { metricTable, type MetricName } from "../metrics/metricTable.ts";

/** A number with so many digits behind the point; `n/a` for NaN, a sign for infinity. */
export function formatNumber(value: number, digits: number): string {
  if (Number.isNaN(value)) return "n/a";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  return value.toFixed(digits);
}

/** A metric's value: shares with 4 digits behind the point, distances with 2. */
export const formatMetric = (name: MetricName, value: number): string =>
  formatNumber(value, metricTable[name].kind === "share" ? 4 : 2);

/** A metric's name, with its unit if it is a distance. */
export const labelOf = (name: MetricName, unit: string): string =>
  metricTable[name].label + (metricTable[name].kind === "distance" ? ` (${unit})` : "");

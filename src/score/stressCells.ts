/** How much every metric of every kind of image loses under every shift. */
import { bootstrapMeans, type BootstrapOptions, type Interval } from "../metrics/bootstrap.ts";
import type { MetricKind } from "../metrics/metricTable.ts";

/** One metric of all images, in their order; NaN where an image has none. */
export interface StressColumn {
  readonly label: string;
  readonly kind: MetricKind;
  readonly values: readonly number[];
}

/** What the images were changed by; strength 0 is no change. */
export interface StressCondition {
  /** Its name; `none` for the images as they are. */
  readonly shift: string;
  readonly strength: number;
  /** The operation's own parameter, and what it is. */
  readonly amount?: number;
  readonly unit?: string;
}

/** The kind that holds all images. */
export const allKinds = "all";

/** A metric of one kind under one condition. */
export interface StressCell extends StressCondition {
  readonly kind: string;
  readonly metric: string;
  readonly metricKind: MetricKind;
  /** Images that have the metric with and without the shift: the means are over them. */
  readonly images: number;
  readonly mean: number;
  /** Mean of the images as they are. */
  readonly unshifted: number;
  /** Mean of shifted - unshifted: below 0 is a loss for shares, above 0 for distances. */
  readonly difference: number;
  /** Of the difference: bootstrap over images, paired; NaN for fewer than two. */
  readonly interval: Interval;
}

/** The kinds that occur, `all` first, then by name; of images without a kind, `all` alone. */
export function kindsOf(kinds: readonly (string | undefined)[]): string[] {
  const named = [...new Set(kinds.flatMap((kind) => (kind === undefined ? [] : [kind])))].sort();
  return [allKinds, ...named];
}

/**
 * The cells of one condition, kind by kind, in each the metrics in their order.
 *
 * @param unshifted  columns of the images as they are
 * @param shifted    the same columns of the same images under the condition
 * @param kinds      the kind of each image
 */
export function stressCells(
  condition: StressCondition,
  unshifted: readonly StressColumn[],
  shifted: readonly StressColumn[],
  kinds: readonly (string | undefined)[],
  bootstrap: Omit<BootstrapOptions, "groups"> = {},
): StressCell[] {
  return kindsOf(kinds).flatMap((kind) => {
    const members = kinds.flatMap((own, i) => (kind === allKinds || own === kind ? [i] : []));
    const pairs = unshifted.map(({ values }, m) =>
      members.flatMap((i) => {
        const [a, b] = [values[i]!, shifted[m]!.values[i]!];
        return Number.isNaN(a) || Number.isNaN(b) ? [] : [{ a, b, d: a === b ? 0 : b - a }];
      }),
    );
    const intervals = bootstrapMeans(
      pairs.map((column) => column.map(({ d }) => d)),
      bootstrap,
    );
    return unshifted.map(({ label, kind: metricKind }, m) => {
      const column = pairs[m]!;
      return {
        ...condition,
        kind,
        metric: label,
        metricKind,
        images: column.length,
        mean: meanOf(column.map(({ b }) => b)),
        unshifted: meanOf(column.map(({ a }) => a)),
        difference: meanOf(column.map(({ d }) => d)),
        interval: intervals[m]!,
      };
    });
  });
}

/** NaN without values. */
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

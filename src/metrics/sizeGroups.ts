/** How well instances of each size are found: precision, recall and F1 of the small, the middle and the large. */

/** The instances of one image by what became of them, each with its pixels. */
export interface FoundAreas {
  /** True instances that a prediction matches. */
  readonly found: readonly number[];
  /** True instances without a match. */
  readonly missed: readonly number[];
  /** Predictions without a match. */
  readonly invented: readonly number[];
}

/** The instances of a range of sizes, over all images. */
export interface SizeGroup {
  /** Pixels of the smallest and of the largest true instance in it. */
  readonly least: number;
  readonly most: number;
  readonly found: number;
  readonly missed: number;
  readonly invented: number;
  /** found / (found + invented); NaN without either. */
  readonly precision: number;
  /** found / (found + missed). */
  readonly recall: number;
  /** 2 found / (2 found + missed + invented). */
  readonly f1: number;
}

/** Small, middle, large. */
const GROUPS = 3;

/**
 * Thirds of the true instances of all images by their area; those of one area stay together, so that there may be fewer groups. A
 * match has an IoU above 0.5 and counts by the size of the truth, an invented instance by its own: below all truths with the
 * smallest, above all with the largest.
 *
 * @returns ascending; empty without true instances
 */
export function sizeGroups(images: readonly FoundAreas[]): SizeGroup[] {
  const truths = images.flatMap(({ found, missed }) => [...found, ...missed]).sort((a, b) => a - b);
  if (truths.length === 0) return [];
  // The largest area of each group; the last one has no end.
  const ends = Array.from(
    { length: GROUPS },
    (_, i) => truths[Math.ceil(((i + 1) * truths.length) / GROUPS) - 1]!,
  ).filter((end, i, all) => end !== all[i - 1]);
  const groupOf = (area: number): number => {
    const at = ends.findIndex((end) => area <= end);
    return at < 0 ? ends.length - 1 : at;
  };
  const counts = ends.map(() => ({ found: 0, missed: 0, invented: 0 }));
  for (const image of images) {
    for (const what of ["found", "missed", "invented"] as const)
      for (const area of image[what]) counts[groupOf(area)]![what]++;
  }
  return ends.map((most, i) => {
    const { found, missed, invented } = counts[i]!;
    return {
      least: truths.find((area) => groupOf(area) === i)!,
      ...{ most, found, missed, invented },
      precision: found / (found + invented),
      recall: found / (found + missed),
      f1: (2 * found) / (2 * found + missed + invented),
    };
  });
}

/** What there is to say about every instance of an image: class, area, box, probability. */
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { FloatMap, Labels } from "../tensor/raster.ts";
import { checkLength, checkSize, renumber, type IdMap } from "./idMap.ts";

export interface MeasuredInstance {
  readonly id: number;
  /** 1 to K: the class of most of its pixels, background left aside; of equals the lowest; of background alone 1. */
  readonly class: number;
  /** Pixels. */
  readonly area: number;
  /** Left column, upper row, width and height, pixels. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Mean over its pixels; NaN without a map. */
  readonly probability: number;
}

/** The ids of labels as a map. */
export function idMapOf({ width, height, instances }: Labels): IdMap {
  if (instances === undefined) {
    throw new ArgumentError(
      "instances: labels must tell instances apart, got classes only; separate the instances first",
    );
  }
  return { width, height, data: instances };
}

/**
 * All instances in one pass over the pixels.
 *
 * @param labels       labels that tell instances apart
 * @param probability  of the foreground, of the same size
 * @returns            in ascending order of the ids
 * @throws {ArgumentError} if the labels do not tell instances apart.
 * @throws {ShapeError} if maps differ in size.
 */
export function measureInstances(labels: Labels, probability?: FloatMap): MeasuredInstance[] {
  const map = idMapOf(labels);
  checkLength("instances", map);
  if (labels.classes.length !== map.data.length) {
    throw new ShapeError(
      `instances: classes must number ${map.data.length} as the ids do, got ${labels.classes.length}`,
    );
  }
  if (probability) checkSize("instances", "probability", probability, map);
  const { width, height } = map;
  const { ids, originals } = renumber(map.data);
  const kinds = majorityClasses(ids, originals.length, labels.classes);
  const areas = new Int32Array(originals.length);
  const sums = new Float64Array(originals.length);
  const [left, top] = [areas.slice().fill(width), areas.slice().fill(height)];
  const [right, bottom] = [areas.slice(), areas.slice()];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const k = ids[i]!;
      if (k === 0) continue;
      areas[k]!++;
      if (probability) sums[k]! += probability.data[i]!;
      if (x < left[k]!) left[k] = x;
      if (x > right[k]!) right[k] = x;
      if (y < top[k]!) top[k] = y;
      bottom[k] = y;
    }
  }
  return Array.from(originals, (id, k) => ({
    id,
    class: kinds[k]!,
    area: areas[k]!,
    box: [left[k]!, top[k]!, right[k]! - left[k]! + 1, bottom[k]! - top[k]! + 1] as const,
    probability: probability ? sums[k]! / areas[k]! : NaN,
  }))
    .slice(1)
    .sort((a, b) => a.id - b.id);
}

/**
 * The class that most pixels of each instance have, background left aside; of equals the lowest, of background alone 1.
 *
 * @param ids      without gaps, from 0 to below `count`
 * @param classes  class of every pixel
 * @returns        class of id k at k, 0 at 0
 */
export function majorityClasses(ids: Int32Array, count: number, classes: Uint8Array): Uint8Array {
  const columns = 1 + classes.reduce((most, kind) => Math.max(most, kind), 0);
  const votes = new Int32Array(count * columns);
  for (let i = 0; i < ids.length; i++) votes[ids[i]! * columns + classes[i]!]!++;
  return Uint8Array.from({ length: count }, (_, k) => {
    if (k === 0) return 0;
    let best = 1;
    for (let kind = 2; kind < columns; kind++)
      if (votes[k * columns + kind]! > votes[k * columns + best]!) best = kind;
    return best;
  });
}

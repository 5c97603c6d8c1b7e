/** Which instances of a prediction and of its truth share pixels, and how many: all that PQ and AJI need. */

import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";

export interface Instance {
  readonly id: number;
  /** Pixels. */
  readonly area: number;
  /** 1 to K: the class of most of its pixels, background left out; the smaller number in a tie. */
  readonly class: number;
}

/** Two instances with pixels in common. */
export interface Overlap {
  /** Index into `predictions`. */
  readonly prediction: number;
  /** Index into `truths`. */
  readonly truth: number;
  /** Pixels of the intersection and of the union. */
  readonly intersection: number;
  readonly union: number;
  readonly iou: number;
}

export interface InstanceOverlaps {
  /** In ascending order of their ids, as are the truths. */
  readonly predictions: readonly Instance[];
  readonly truths: readonly Instance[];
  /** Ordered by truth, then by prediction. */
  readonly overlaps: readonly Overlap[];
}

/**
 * Instances and overlaps of a pair in one pass over the pixels.
 *
 * @param prediction  labels of the truth's size with instances; ids need not be contiguous, and the map
 *   need not have a background.
 * @param truth       labels with instances.
 * @param classes     K, the number of classes.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if labels tell no instances apart, an id is negative, a class is above K, or an
 *   instance has no class.
 */
export function instanceOverlaps(
  prediction: Labels,
  truth: Labels,
  classes: number,
): InstanceOverlaps {
  if (prediction.width !== truth.width || prediction.height !== truth.height)
    throw new ShapeError(
      `metrics: prediction and truth must have the same size, got ` +
        `${prediction.width} x ${prediction.height} and ${truth.width} x ${truth.height} (width x height)`,
    );
  const p = readInstances("prediction", prediction, classes);
  const t = readInstances("truth", truth, classes);
  const shared = new Map<number, number>();
  const across = p.instances.length;
  // Pixels side by side are mostly of the same pair, so the map is asked once for each run of them.
  for (let i = 0; i < t.indices.length;) {
    const a = p.indices[i]!;
    const b = t.indices[i]!;
    const from = i++;
    while (i < t.indices.length && p.indices[i] === a && t.indices[i] === b) i++;
    if (a < 0 || b < 0) continue;
    const key = b * across + a;
    shared.set(key, (shared.get(key) ?? 0) + i - from);
  }
  const overlaps = [...shared]
    .sort(([a], [b]) => a - b)
    .map(([key, intersection]): Overlap => {
      const [predicted, actual] = [key % across, Math.floor(key / across)];
      const union = p.instances[predicted]!.area + t.instances[actual]!.area - intersection;
      return {
        prediction: predicted,
        truth: actual,
        intersection,
        union,
        iou: intersection / union,
      };
    });
  return { predictions: p.instances, truths: t.instances, overlaps };
}

/** The instances of one class, and the overlaps among them. */
export function overlapsOfClass(all: InstanceOverlaps, kind: number): InstanceOverlaps {
  const p = chosen(all.predictions, kind);
  const t = chosen(all.truths, kind);
  return {
    predictions: p.instances,
    truths: t.instances,
    overlaps: all.overlaps.flatMap((overlap) => {
      const prediction = p.indexOf[overlap.prediction]!;
      const truth = t.indexOf[overlap.truth]!;
      return prediction < 0 || truth < 0 ? [] : [{ ...overlap, prediction, truth }];
    }),
  };
}

function chosen(instances: readonly Instance[], kind: number) {
  let next = 0;
  return {
    instances: instances.filter((instance) => instance.class === kind),
    /** New index of each old one, -1 for those left out. */
    indexOf: instances.map((instance) => (instance.class === kind ? next++ : -1)),
  };
}

interface Read {
  readonly instances: readonly Instance[];
  /** For each pixel the index of its instance, -1 for background. */
  readonly indices: Int32Array;
}

function readInstances(role: string, labels: Labels, classes: number): Read {
  const { width, instances: ids } = labels;
  if (ids === undefined)
    throw new ArgumentError(
      `metrics: ${role} must tell instances apart, got classes only; separate the instances first`,
    );
  for (const values of [ids, labels.classes])
    if (values.length !== width * labels.height)
      throw new ShapeError(
        `metrics: ${role} of ${width} x ${labels.height} must hold ${width * labels.height} values, ` +
          `got ${values.length}`,
      );
  const place = (i: number) => `at row ${Math.floor(i / width)}, column ${i % width}`;
  const sorted = [...distinct(ids)].filter((id) => id !== 0).sort((a, b) => a - b);
  if (sorted[0]! < 0)
    throw new ArgumentError(
      `metrics: instance ids of the ${role} must be 0 or more, got ${sorted[0]!} ` +
        place(ids.indexOf(sorted[0]!)),
    );
  const indexOf = new Map(sorted.map((id, index) => [id, index]));
  const columns = classes + 1;
  const votes = new Int32Array(sorted.length * columns);
  const indices = new Int32Array(ids.length).fill(-1);
  for (let i = 0; i < ids.length; i++) {
    const kind = labels.classes[i]!;
    if (kind > classes)
      throw new ArgumentError(
        `metrics: classes of the ${role} must be at most ${classes}, got ${kind} ${place(i)}`,
      );
    const id = ids[i]!;
    if (id === 0) continue;
    const index = i > 0 && ids[i - 1] === id ? indices[i - 1]! : indexOf.get(id)!;
    indices[i] = index;
    votes[index * columns + kind]!++;
  }
  const instances = sorted.map((id, index): Instance => {
    const own = votes.subarray(index * columns, (index + 1) * columns);
    const kind = 1 + own.subarray(1).reduce((best, n, k) => (n > own[best + 1]! ? k : best), 0);
    if (own[kind] === 0)
      throw new ArgumentError(
        `metrics: every instance of the ${role} must have a class of 1 to ${classes}, ` +
          `got only background for instance ${id} ${place(ids.indexOf(id))}`,
      );
    return { id, area: own.reduce((sum, n) => sum + n, 0), class: kind };
  });
  return { instances, indices };
}

/** The values that occur, found run by run. */
function distinct(values: Int32Array): Set<number> {
  const found = new Set<number>();
  for (let i = 0; i < values.length; i++)
    if (i === 0 || values[i] !== values[i - 1]) found.add(values[i]!);
  return found;
}

/** Which objects a prediction missed, made up, merged or split. */
import { instanceOverlaps } from "../metrics/instanceOverlaps.ts";
import type { Labels } from "../tensor/raster.ts";

/** Ids of instances that are wrong as a whole; each is in one list at most. */
export interface InstanceErrors {
  /** True instances that no prediction matches, those of `split` and under `merged` left out. */
  readonly missed: ReadonlySet<number>;
  /** Predicted instances that match no truth, those of `merged` and `fragments` left out. */
  readonly invented: ReadonlySet<number>;
  /** Predicted instances that hold more than half of each of two or more true ones. */
  readonly merged: ReadonlySet<number>;
  /** True instances that hold more than half of each of two or more predicted ones. */
  readonly split: ReadonlySet<number>;
  /** The predicted instances inside those of `split`. */
  readonly fragments: ReadonlySet<number>;
}

/**
 * What is wrong with whole instances. A match has an IoU above 0.5, as in PQ. A prediction that matches a
 * truth and swallows another one counts as merged all the same; classes are not looked at.
 *
 * @param truth       labels that tell instances apart.
 * @param prediction  labels of the truth's size that tell instances apart.
 * @throws {ShapeError} if the sizes differ.
 * @throws {ArgumentError} if labels do not tell instances apart or hold an unusable id or class.
 */
export function instanceErrors(truth: Labels, prediction: Labels): InstanceErrors {
  const { truths, predictions, overlaps } = instanceOverlaps(prediction, truth, 255);
  const [matchedTruths, matchedPredictions] = [new Set<number>(), new Set<number>()];
  const inPrediction = new Map<number, number[]>();
  const inTruth = new Map<number, number[]>();
  for (const { truth: t, prediction: p, iou, intersection } of overlaps) {
    const [actual, predicted] = [truths[t]!, predictions[p]!];
    if (iou > 0.5) {
      matchedTruths.add(actual.id);
      matchedPredictions.add(predicted.id);
    }
    if (intersection > actual.area / 2) push(inPrediction, predicted.id, actual.id);
    if (intersection > predicted.area / 2) push(inTruth, actual.id, predicted.id);
  }
  const several = (parts: ReadonlyMap<number, number[]>) =>
    [...parts].filter(([, ids]) => ids.length > 1);
  const mergers = several(inPrediction);
  const splits = several(inTruth);
  const merged = new Set(mergers.map(([id]) => id));
  const swallowed = new Set(mergers.flatMap(([, ids]) => ids));
  const split = new Set(splits.map(([id]) => id).filter((id) => !swallowed.has(id)));
  const fragments = new Set(
    splits.filter(([id]) => split.has(id)).flatMap(([, ids]) => ids.filter((p) => !merged.has(p))),
  );
  const rest = (all: readonly { id: number }[], ...known: ReadonlySet<number>[]) =>
    new Set(all.map(({ id }) => id).filter((id) => known.every((set) => !set.has(id))));
  return {
    missed: rest(truths, matchedTruths, swallowed, split),
    invented: rest(predictions, matchedPredictions, merged, fragments),
    merged,
    split,
    fragments,
  };
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

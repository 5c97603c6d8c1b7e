/** From probability maps to classes and instances. */
import { classesByMajority } from "../instances/classesByMajority.ts";
import { separateInstances, type SeparateOptions } from "../instances/separateInstances.ts";
import type { FloatMap, Labels } from "../tensor/raster.ts";

import type { ImageMaps } from "./predictMaps.ts";

export interface ToLabelsOptions {
  /** Single class: probability from which a pixel is foreground. Default 0.5. */
  readonly threshold?: number;
}

/**
 * Class of every pixel: with one channel 1 where it is at least the threshold; with several the channel of
 * the largest probability, the first of equals, channel 0 being the background.
 */
export function classesOf(channels: readonly FloatMap[], options: ToLabelsOptions = {}): Labels {
  const [first] = channels;
  if (!first) return { width: 0, height: 0, classes: new Uint8Array(0) };
  const { width, height } = first;
  return {
    width,
    height,
    classes: classesOfPlanes(
      channels.map(({ data }) => data),
      options,
    ),
  };
}

/** As `classesOf`, for the rows of a strip or all of them. */
export function classesOfPlanes(
  planes: readonly Float32Array[],
  { threshold = 0.5 }: ToLabelsOptions = {},
): Uint8Array {
  const first = planes[0]!;
  if (planes.length === 1) {
    const classes = new Uint8Array(first.length);
    for (let i = 0; i < classes.length; i++) classes[i] = first[i]! >= threshold ? 1 : 0;
    return classes;
  }
  const classes = new Uint8Array(first.length);
  const best = first.slice();
  for (let c = 1; c < planes.length; c++) {
    const values = planes[c]!;
    for (let i = 0; i < best.length; i++) {
      if (values[i]! <= best[i]!) continue;
      best[i] = values[i]!;
      classes[i] = c;
    }
  }
  return classes;
}

/**
 * Instances of the foreground, parted along the predicted edges, and their classes by the majority of
 * their pixels.
 */
export function instancesOf(
  { channels, edge }: Pick<ImageMaps, "channels" | "edge">,
  options: SeparateOptions = {},
): Labels {
  const labels = classesOf(channels, options);
  return separateLabels(labels, foregroundProbability(channels), edge, options);
}

/** As `instancesOf`, where the classes of the pixels and the probability of the foreground are known. */
export function separateLabels(
  { width, height, classes }: Labels,
  foreground: FloatMap,
  edge: FloatMap | undefined,
  options: SeparateOptions = {},
): Labels {
  const instances = separateInstances(foreground, edge, options);
  return { width, height, instances, classes: classesByMajority(instances, classes) };
}

/** Probability of any class: 1 - background, or the only channel. */
export function foregroundProbability(channels: readonly FloatMap[]): FloatMap {
  const data = foregroundOfPlanes(channels.map((map) => map.data));
  return { ...channels[0]!, data };
}

/** As `foregroundProbability`, for the rows of a strip or all of them. */
export const foregroundOfPlanes = (planes: readonly Float32Array[]): Float32Array =>
  planes.length === 1 ? planes[0]! : planes[0]!.map((p) => 1 - p);

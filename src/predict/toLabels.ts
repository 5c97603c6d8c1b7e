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
export function classesOf(
  channels: readonly FloatMap[],
  { threshold = 0.5 }: ToLabelsOptions = {},
): Labels {
  const [first] = channels;
  if (!first) return { width: 0, height: 0, classes: new Uint8Array(0) };
  const { width, height, data } = first;
  const classes = new Uint8Array(data.length);
  if (channels.length === 1) {
    for (let i = 0; i < data.length; i++) classes[i] = data[i]! >= threshold ? 1 : 0;
  } else {
    const best = data.slice();
    for (let c = 1; c < channels.length; c++) {
      const values = channels[c]!.data;
      for (let i = 0; i < best.length; i++) {
        if (values[i]! <= best[i]!) continue;
        best[i] = values[i]!;
        classes[i] = c;
      }
    }
  }
  return { width, height, classes };
}

/**
 * Instances of the foreground, parted along the predicted edges, and their classes by the majority of
 * their pixels.
 */
export function instancesOf(
  { channels, edge }: Pick<ImageMaps, "channels" | "edge">,
  options: SeparateOptions = {},
): Labels {
  const { width, height, classes } = classesOf(channels, options);
  const instances = separateInstances(foregroundProbability(channels), edge, options);
  return { width, height, instances, classes: classesByMajority(instances, classes) };
}

/** Probability of any class: 1 - background, or the only channel. */
export function foregroundProbability(channels: readonly FloatMap[]): FloatMap {
  const first = channels[0]!;
  return channels.length === 1 ? first : { ...first, data: first.data.map((p) => 1 - p) };
}

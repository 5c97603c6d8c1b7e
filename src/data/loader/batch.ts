/** From labelled images to the arrays that a network takes: cropped or resized, augmented, normalised. Reads no file. */
import { Random } from "../../base/random.ts";
import type { Labelled, Labels } from "../../tensor/raster.ts";
import { augmentWith } from "../augment/augment.ts";
import type { AugmentSettings } from "../augment/augmentOptions.ts";
import { cutWindow } from "../augment/window.ts";
import { resizeImage, resizeLabels } from "../images/resize.ts";
import { instanceBoundary } from "../labels/instanceBoundary.ts";
import { normaliseImage, type Fit, type PerChannel } from "./networkInput.ts";

/** Samples as a network takes them. */
export interface Batch {
  /** Images of the batch, where this is the share of one of several processes; default: all are here. */
  readonly whole?: number;
  readonly names: string[];
  /** [N, 3, H, W], normalised. */
  readonly images: Float32Array<ArrayBuffer>;
  /** [N, P, H, W], 0 or 1; the planes are those of `TargetOptions`. */
  readonly masks: Float32Array<ArrayBuffer>;
}

/** Which planes the labels become. */
export interface TargetOptions {
  /** 1: one plane, foreground of any class. K above 1: one-hot, the background and K classes. */
  readonly classes: number;
  /** One plane more, the last: the boundary of every instance. */
  readonly boundary: boolean;
}

/** How samples become a batch; can be posted to a thread. */
export interface BatchOptions {
  /** Of every image of the batch, pixels. */
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** With `crop`: pixels of the batch that a pixel of the image becomes. */
  readonly zoom: number;
  readonly target: TargetOptions;
  readonly seed: number;
  /** From `checkAugmentOptions`. `undefined`: no augmentation, and crops from the middle. */
  readonly augment: AugmentSettings | undefined;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

/** Planes of the target. */
export const planesOfTarget = ({ classes, boundary }: TargetOptions): number =>
  (classes === 1 ? 1 : classes + 1) + (boundary ? 1 : 0);

/** A batch with room for images of these names. */
export function emptyBatch(names: string[], { height, width, target }: BatchOptions): Batch {
  const values = names.length * height * width;
  return {
    names,
    images: new Float32Array(3 * values),
    masks: new Float32Array(planesOfTarget(target) * values),
  };
}

/** Image and labels at another size. */
export const resizeSample = (
  { image, labels }: Labelled,
  width: number,
  height: number,
): Labelled => ({
  image: resizeImage(image, width, height),
  labels: resizeLabels(labels, width, height),
});

/**
 * Puts a sample into a batch, as the network is to see it.
 *
 * @param place  in the batch, from 0
 * @param sample with `resize`, at any size; with `crop`, at its own
 * @param key    what the sample's random numbers follow from, beside the seed
 */
export function putSample(
  batch: Batch,
  place: number,
  sample: Labelled,
  key: { readonly epoch: number; readonly index: number },
  options: BatchOptions,
): void {
  const { seed, target, width, height } = options;
  const { epoch, index } = key;
  const area = width * height;
  const training = options.augment !== undefined;
  let seen = sample;
  if (options.fit === "crop") {
    seen = crop(options, seen, training ? Random.of(seed, "crop", epoch, index) : undefined);
  } else if (seen.image.width !== width || seen.image.height !== height) {
    seen = resizeSample(seen, width, height);
  }
  if (options.augment !== undefined) {
    seen = augmentWith(seen, Random.of(seed, "augment", epoch, index), options.augment);
  }
  normaliseImage(seen.image, batch.images, place * 3 * area, options);
  writeTarget(seen.labels, target, batch.masks, place * planesOfTarget(target) * area);
}

/** The part of the sample that the network sees, at its scale. */
function crop(options: BatchOptions, sample: Labelled, random: Random | undefined): Labelled {
  const width = Math.max(1, Math.round(options.width / options.zoom));
  const height = Math.max(1, Math.round(options.height / options.zoom));
  const place = (room: number) =>
    random === undefined ? room >> 1 : Math.floor(random.next() * (room + 1));
  const x = place(Math.max(0, sample.image.width - width));
  const y = place(Math.max(0, sample.image.height - height));
  return resizeSample(cutWindow(sample, x, y, width, height), options.width, options.height);
}

/** Writes the planes of one sample from `offset` on. */
function writeTarget(
  { classes, instances, width, height }: Labels,
  target: TargetOptions,
  masks: Float32Array,
  offset: number,
): void {
  const area = width * height;
  if (target.classes === 1) {
    for (let i = 0; i < area; i++) masks[offset + i] = classes[i]! > 0 ? 1 : 0;
  } else {
    for (let i = 0; i < area; i++) masks[offset + classes[i]! * area + i] = 1;
  }
  if (target.boundary) {
    const boundary = instanceBoundary(instances ?? classes, width, height);
    masks.set(boundary, offset + (planesOfTarget(target) - 1) * area);
  }
}

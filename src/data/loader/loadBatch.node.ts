/** Making one batch: read or recall, crop, augment, normalise. Runs in the loader's workers. */
import { Random } from "../../base/random.ts";
import type { Labelled, Labels } from "../../tensor/raster.ts";
import { augment, type AugmentOptions } from "../augment/augment.ts";
import { cutWindow } from "../augment/window.ts";
import type { Sample } from "../dataset.ts";
import type { Fit } from "./networkInput.ts";
import { instanceBoundary } from "../labels/instanceBoundary.ts";
import { normaliseImage, type PerChannel } from "./networkInput.ts";
import { readSample } from "../readSample.node.ts";
import { resizeImage, resizeLabels } from "../images/resize.ts";

/** Samples as a network takes them. */
export interface Batch {
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

/** Where a sample lies in the cache, and of what size it is there. */
export interface CacheSlot {
  /** First byte, a multiple of 4. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
}

/** What every worker knows from its start; can be posted to a thread. */
export interface LoadContext {
  readonly samples: readonly Sample[];
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** With `crop`: pixels of the batch that a pixel of the image becomes. */
  readonly zoom: number;
  readonly target: TargetOptions;
  readonly seed: number;
  /** `undefined`: no augmentation, and crops from the middle. */
  readonly augment: AugmentOptions | undefined;
  readonly mean: PerChannel;
  readonly std: PerChannel;
  readonly maxPixels: number;
  /** Decoded samples, resized if they are to be: instances, classes, image; shared by all. */
  readonly cache: SharedArrayBuffer;
  /** One a sample, as far as the cache reaches. */
  readonly slots: readonly CacheSlot[];
  /** One 32-bit flag a slot: 1 once its bytes are whole. */
  readonly cached: SharedArrayBuffer;
}

/** Which samples, by index, and in which epoch. */
export interface LoadTask {
  readonly epoch: number;
  readonly indices: readonly number[];
}

/** Planes of the target. */
export const planesOfTarget = ({ classes, boundary }: TargetOptions): number =>
  (classes === 1 ? 1 : classes + 1) + (boundary ? 1 : 0);

/** Bytes a sample takes in the cache, a multiple of 4. */
export const cacheBytesOf = (height: number, width: number, boundary: boolean): number =>
  4 * Math.ceil((height * width * (boundary ? 8 : 4)) / 4);

/** Arrays over a slot of the cache. */
function viewOf({ cache, target }: LoadContext, { offset, width, height }: CacheSlot): Labelled {
  const area = width * height;
  const ids = target.boundary ? 4 * area : 0;
  const classes = new Uint8Array(cache, offset + ids, area);
  const labels: Labels = {
    width,
    height,
    classes,
    ...(target.boundary && { instances: new Int32Array(cache, offset, area) }),
  };
  const data = new Uint8Array(cache, offset + ids + area, 3 * area);
  return { image: { width, height, data }, labels };
}

/** The sample as the cache keeps it, from there or from its files. */
async function recall(context: LoadContext, index: number): Promise<Labelled> {
  const slot = context.slots[index];
  const flags = new Int32Array(context.cached);
  if (slot !== undefined && Atomics.load(flags, index) === 1) return viewOf(context, slot);
  const { width, height, fit, maxPixels } = context;
  let sample = await readSample(context.samples[index]!, { maxPixels });
  if (fit === "resize") {
    sample = {
      image: resizeImage(sample.image, width, height),
      labels: resizeLabels(sample.labels, width, height),
    };
  }
  // A file that changed its size since it was looked at no longer fits its slot.
  if (slot?.width === sample.image.width && slot.height === sample.image.height) {
    const view = viewOf(context, slot);
    view.image.data.set(sample.image.data);
    view.labels.classes.set(sample.labels.classes);
    view.labels.instances?.set(sample.labels.instances ?? sample.labels.classes);
    // Two threads may write the same slot, but they write the same bytes.
    Atomics.store(flags, index, 1);
  }
  return sample;
}

/** The part of the sample that the network sees, at its scale. */
function crop(context: LoadContext, sample: Labelled, random: Random | undefined): Labelled {
  const width = Math.max(1, Math.round(context.width / context.zoom));
  const height = Math.max(1, Math.round(context.height / context.zoom));
  const place = (room: number) =>
    random === undefined ? room >> 1 : Math.floor(random.next() * (room + 1));
  const x = place(Math.max(0, sample.image.width - width));
  const y = place(Math.max(0, sample.image.height - height));
  const { image, labels } = cutWindow(sample, x, y, width, height);
  return {
    image: resizeImage(image, context.width, context.height),
    labels: resizeLabels(labels, context.width, context.height),
  };
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

/**
 * One batch. The random numbers of a sample depend on seed, epoch and its index alone, so that neither
 * the number of workers nor what came before changes a bit.
 */
export async function loadBatch(context: LoadContext, task: LoadTask): Promise<Batch> {
  const { seed, target } = context;
  const area = context.width * context.height;
  const planes = planesOfTarget(target);
  const images = new Float32Array(task.indices.length * 3 * area);
  const masks = new Float32Array(task.indices.length * planes * area);
  for (const [n, index] of task.indices.entries()) {
    let sample = await recall(context, index);
    const training = context.augment !== undefined;
    if (context.fit === "crop") {
      const random = training ? Random.of(seed, "crop", task.epoch, index) : undefined;
      sample = crop(context, sample, random);
    }
    if (context.augment !== undefined) {
      const random = Random.of(seed, "augment", task.epoch, index);
      sample = augment(sample, random, context.augment);
    }
    normaliseImage(sample.image, images, n * 3 * area, context);
    writeTarget(sample.labels, target, masks, n * planes * area);
  }
  return { names: task.indices.map((index) => context.samples[index]!.name), images, masks };
}

/** Making one batch: read or recall, augment, normalise. Runs in the loader's workers. */
import { Random } from "../tensor/random.ts";
import type { Labelled } from "../tensor/raster.ts";
import { augment, type AugmentOptions } from "./augment.ts";
import type { Sample } from "./dataset.ts";
import { normaliseImage, type PerChannel } from "./normalise.ts";
import { readSample } from "./readSample.node.ts";
import { resizeImage, resizeLabels } from "./resize.ts";

/** Samples as a network takes them. */
export interface Batch {
  readonly names: string[];
  /** [N, 3, H, W], normalised. */
  readonly images: Float32Array<ArrayBuffer>;
  /** [N, 1, H, W], 0 or 1. */
  readonly masks: Float32Array<ArrayBuffer>;
}

/** What every worker knows from its start; can be posted to a thread. */
export interface LoadContext {
  readonly samples: readonly Sample[];
  readonly height: number;
  readonly width: number;
  readonly seed: number;
  /** `undefined`: no augmentation. */
  readonly augment: AugmentOptions | undefined;
  readonly mean: PerChannel;
  readonly std: PerChannel;
  readonly maxPixels: number;
  /** Decoded and resized samples, image then mask, `height * width * 4` bytes each; shared by all. */
  readonly cache: SharedArrayBuffer;
  /** One 32-bit flag a cached sample: 1 once its bytes are whole. */
  readonly cached: SharedArrayBuffer;
}

/** Which samples, by index, and in which epoch. */
export interface LoadTask {
  readonly epoch: number;
  readonly indices: readonly number[];
}

/** Bytes a sample takes in the cache. */
export const cacheBytesOf = (height: number, width: number): number => height * width * 4;

/** The sample at network size, from the cache if it is there. */
async function resized(context: LoadContext, index: number): Promise<Labelled> {
  const { width, height } = context;
  const area = width * height;
  const bytes = cacheBytesOf(height, width);
  const flags = new Int32Array(context.cached);
  if (index < flags.length && Atomics.load(flags, index) === 1) {
    const image = new Uint8Array(context.cache, index * bytes, area * 3);
    const classes = new Uint8Array(context.cache, index * bytes + area * 3, area);
    return { image: { width, height, data: image }, labels: { width, height, classes } };
  }
  const sample = await readSample(context.samples[index]!, { maxPixels: context.maxPixels });
  const image = resizeImage(sample.image, width, height);
  const labels = resizeLabels(sample.labels, width, height);
  if (index < flags.length) {
    const slot = new Uint8Array(context.cache, index * bytes, bytes);
    slot.set(image.data);
    slot.set(labels.classes, area * 3);
    // Two threads may write the same slot, but they write the same bytes.
    Atomics.store(flags, index, 1);
  }
  return { image, labels };
}

/**
 * One batch. The random numbers of a sample depend on seed, epoch and its index alone, so that neither
 * the number of workers nor what came before changes a bit.
 */
export async function loadBatch(context: LoadContext, task: LoadTask): Promise<Batch> {
  const area = context.width * context.height;
  const images = new Float32Array(task.indices.length * 3 * area);
  const masks = new Float32Array(task.indices.length * area);
  for (const [n, index] of task.indices.entries()) {
    let sample = await resized(context, index);
    if (context.augment !== undefined) {
      const random = Random.of(context.seed, "augment", task.epoch, index);
      sample = augment(sample, random, context.augment);
    }
    normaliseImage(sample.image, images, n * 3 * area, context);
    masks.set(sample.labels.classes, n * area);
  }
  return { names: task.indices.map((index) => context.samples[index]!.name), images, masks };
}

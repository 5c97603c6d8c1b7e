/** Making one batch of files: read or recalled, then put in place. Runs in the loader's workers. */
import type { Labelled, Labels } from "../../tensor/raster.ts";
import type { Sample } from "../dataset.ts";
import { readSample } from "../readSample.node.ts";
import { emptyBatch, putSample, resizeSample, type Batch, type BatchOptions } from "./batch.ts";

/** Where a sample lies in the cache, and of what size it is there. */
export interface CacheSlot {
  /** First byte, a multiple of 4. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
}

/** What every worker knows from its start; can be posted to a thread. */
export interface LoadContext extends BatchOptions {
  readonly samples: readonly Sample[];
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
  if (fit === "resize") sample = resizeSample(sample, width, height);
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

/**
 * One batch. The random numbers of a sample depend on seed, epoch and its index alone, so that neither
 * the number of workers nor what came before changes a bit.
 */
export async function loadBatch(context: LoadContext, task: LoadTask): Promise<Batch> {
  const batch = emptyBatch(
    task.indices.map((index) => context.samples[index]!.name),
    context,
  );
  for (const [place, index] of task.indices.entries()) {
    const sample = await recall(context, index);
    putSample(batch, place, sample, { epoch: task.epoch, index }, context);
  }
  return batch;
}

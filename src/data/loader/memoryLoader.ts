/** Batches of images that lie in memory, in the order and with the random numbers of the loader of files. */
import { DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { checkAugmentOptions, type AugmentOptions } from "../augment/augmentOptions.ts";
import { emptyBatch, putSample, type Batch, type BatchOptions } from "./batch.ts";
import { imageNetMean, imageNetStd } from "./networkInput.ts";

/** An image with its labels and the name by which messages call it. */
export interface NamedSample extends Labelled {
  readonly name: string;
}

/** How batches are made; see `BatchOptions` for what they hold. */
export interface MemoryLoaderOptions extends Partial<Omit<BatchOptions, "augment">> {
  readonly height: number;
  readonly width: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Default none. */
  readonly augment?: AugmentOptions;
  /** A new order every epoch; default false. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is smaller than the others; default false. */
  readonly dropLast?: boolean;
}

/** Batches of an epoch, any epoch, in any order. */
export interface MemoryLoader {
  readonly batchesPerEpoch: number;
  epoch(n: number): AsyncGenerator<Batch, void, undefined>;
}

/**
 * A loader over `samples`: resized (default) or cropped, augmented if asked, normalised with ImageNet's
 * statistics by default. Order and content of an epoch depend on the options and its number alone.
 *
 * @throws {ArgumentError} for unusable options of augmentation.
 * @throws {DataError} if there are no samples.
 */
export function memoryLoader(
  samples: readonly NamedSample[],
  given: MemoryLoaderOptions,
): MemoryLoader {
  if (samples.length === 0) throw new DataError("loader: samples must not be empty, got none");
  const { batchSize, shuffle = false, dropLast = false } = given;
  const options: BatchOptions = {
    fit: "resize",
    zoom: 1,
    target: { classes: 1, boundary: false },
    mean: imageNetMean,
    std: imageNetStd,
    ...given,
    augment: given.augment && checkAugmentOptions(given.augment),
  };
  const count = samples.length / batchSize;
  const batchesPerEpoch = dropLast ? Math.floor(count) : Math.ceil(count);
  return {
    batchesPerEpoch,
    async *epoch(n) {
      const inOrder = samples.map((_, index) => index);
      const order = shuffle ? Random.of(given.seed, "shuffle", n).shuffled(inOrder) : inOrder;
      for (let b = 0; b < batchesPerEpoch; b++) {
        const chosen = order.slice(b * batchSize, (b + 1) * batchSize);
        const batch = emptyBatch(
          chosen.map((index) => samples[index]!.name),
          options,
        );
        chosen.forEach((index, place) => {
          putSample(batch, place, samples[index]!, { epoch: n, index }, options);
        });
        yield await Promise.resolve(batch);
      }
    },
  };
}

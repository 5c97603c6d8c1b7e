/** The samples of a run: which are trained on, which validate, which are kept for testing. */
import { resolve } from "node:path";
import type { Dataset, Sample } from "../data/dataset.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/qualifyNames.ts";
import { checkPair, type Size } from "../data/readSample.node.ts";
import { selectSamples, splitDataset, type Split } from "../data/split.ts";
import { readSplit } from "../data/splitFile.node.ts";
import { samplesOfSplit } from "../data/splitPool.ts";
import { DataError } from "../tensor/errors.ts";
import type { RunConfig } from "./config.ts";

/** Samples by part; `validation` and `test` may be empty. */
export interface RunSamples {
  /** Names of the classes 1 to K. */
  readonly classes: readonly string[];
  /** Whether the labels tell instances apart. */
  readonly instances: boolean;
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly test: readonly Sample[];
  /** How the split of a file was made. */
  readonly origin?: Pick<Split, "protocol" | "groups">;
}

/**
 * The parts of a data set, by the first of these that applies: `split` (a file of names), the data
 * set's own validation part, a share of the training part by seed. The test part is the data set's own.
 *
 * @param splitFile  overrides the configuration's, as when a run is resumed
 * @throws {DataError} if the data set or the split cannot be read, or too few images are left to train.
 */
export async function openRunSamples(
  { data, training }: RunConfig,
  splitFile = data.split,
): Promise<RunSamples> {
  const dataset = qualifyNames(await openDataset(data.path, { labels: data.labels }));
  const samples = splitFile
    ? await bySplitFile(dataset, splitFile)
    : byFraction(dataset, data.validation, training.seed);
  if (samples.train.length < 2) {
    throw new DataError(
      `${data.path}: training must have at least 2 images, got ${samples.train.length}`,
    );
  }
  return samples;
}

async function bySplitFile(dataset: Dataset, file: string): Promise<RunSamples> {
  const split = await readSplit(file);
  const { classes, instances } = dataset;
  const { protocol, groups } = split;
  const origin = { ...(protocol && { protocol }), ...(groups && { groups }) };
  return { classes, instances, ...samplesOfSplit(dataset, split, file), origin };
}

function byFraction(dataset: Dataset, share: number, seed: number): RunSamples {
  const { classes, instances, train, validation, test } = dataset;
  const kept = { classes, instances, test };
  if (validation.length > 0 || share === 0) return { ...kept, train, validation };
  const split = splitDataset(train, { validation: share, seed });
  return {
    ...kept,
    train: selectSamples(train, split.train),
    validation: selectSamples(train, split.validation),
  };
}

/** The names of each part, as split.json holds them. */
export const splitOf = ({
  train,
  validation,
  test,
  origin,
}: Pick<RunSamples, "train" | "validation" | "test" | "origin">): Split => {
  const names = (samples: readonly Sample[]): string[] => samples.map(({ name }) => name);
  return { train: names(train), validation: names(validation), test: names(test), ...origin };
};

/**
 * Looks at the headers of all images and masks, so that a bad one ends a run before it begins.
 *
 * @returns the size of each image
 * @throws {DataError} naming the first file that cannot be read or does not fit.
 */
export async function checkSamples(samples: readonly Sample[]): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const sample of samples) sizes.push(await checkPair(sample));
  return sizes;
}

/** The configuration with absolute paths, so that the run can be resumed from any folder. */
export const withAbsolutePaths = (config: RunConfig): RunConfig => ({
  ...config,
  data: {
    ...config.data,
    path: resolve(config.data.path),
    ...(config.data.split !== undefined && { split: resolve(config.data.split) }),
  },
  training: {
    ...config.training,
    ...(config.training.weights !== undefined && { weights: resolve(config.training.weights) }),
    ...(config.training.encoderWeights !== undefined && {
      encoderWeights: resolve(config.training.encoderWeights),
    }),
  },
});

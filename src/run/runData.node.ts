/** The samples of a run: which are trained on, which validate, which are kept for testing. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Dataset, Sample } from "../data/dataset.ts";
import { appearanceOf } from "../data/appearance.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { bareName, qualifyNames } from "../data/splits/qualifyNames.ts";
import { readSample, type Size } from "../data/readSample.node.ts";
import { selectSamples, splitDataset, type Split } from "../data/splits/split.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { samplesOfSplit } from "../data/splits/splitPool.ts";
import { DataError } from "../base/errors.ts";
import { networkNamed } from "../models/registry.ts";
import { publishedEncoder } from "../network/networkWeights.node.ts";
import { asSeen } from "../predict/doubt.ts";
import { readSafetensorsHeader } from "../tensor/safetensors.node.ts";
import type { RunConfig } from "./config.ts";
import type { ImageIdentity } from "./origin.ts";
import { identify } from "./seenImages.node.ts";

/** Samples by part; `validation` and `test` may be empty. */
export interface RunSamples {
  /** Names of the classes 1 to K. */
  readonly classes: readonly string[];
  /** Whether the labels tell instances apart. */
  readonly instances: boolean;
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly test: readonly Sample[];
  /** Names of the data set that are in no part. */
  readonly others?: readonly string[];
  /** How the split of a file was made. */
  readonly origin?: Pick<Split, "protocol" | "groups">;
}

/**
 * The parts of a data set, by the first of these that applies: `split` (a file of names), the data
 * set's own validation part, a share of the training part by seed. The test part is the data set's own.
 *
 * @param split     overrides the configuration's: a file, or the split itself as when a run is resumed
 * @param lacking   what is done with names of the split that the data set lacks; default `refuse`
 * @throws {DataError} if the data set or the split cannot be read, or too few images are left to train.
 */
export async function openRunSamples(
  { data, training }: RunConfig,
  split: string | Split | undefined = data.split,
  lacking: "refuse" | "leave out" = "refuse",
): Promise<RunSamples> {
  const dataset = qualifyNames(await openDataset(data.path, data));
  let parts: Omit<RunSamples, "others">;
  if (split === undefined) parts = byFraction(dataset, data.validation, training.seed);
  else {
    const file = typeof split === "string" ? split : data.path;
    const names = typeof split === "string" ? await readSplit(split) : split;
    parts = bySplit(dataset, lacking === "refuse" ? names : presentIn(dataset, names), file);
  }
  const used = new Set([...parts.train, ...parts.validation, ...parts.test]);
  const all = [...dataset.train, ...dataset.validation, ...dataset.test];
  const others = all.filter((sample) => !used.has(sample)).map(({ name }) => name);
  const groups = parts.origin?.groups;
  const samples = {
    ...parts,
    train: grouped(parts.train, groups),
    validation: grouped(parts.validation, groups),
    test: grouped(parts.test, groups),
    others,
  };
  if (samples.train.length < 2) {
    throw new DataError(
      `${data.path}: training must have at least 2 images, got ${samples.train.length}`,
    );
  }
  return samples;
}

/** The split without the names that the data set lacks. */
function presentIn(dataset: Dataset, split: Split): Split {
  const all = [...dataset.train, ...dataset.validation, ...dataset.test];
  const names = new Set(all.flatMap(({ name }) => [name, bareName(name)]));
  const present = (list: readonly string[]): string[] => list.filter((name) => names.has(name));
  const { train, validation, test } = split;
  return {
    ...split,
    train: present(train),
    validation: present(validation),
    test: present(test),
  };
}

function bySplit(dataset: Dataset, split: Split, file: string): Omit<RunSamples, "others"> {
  const { classes, instances } = dataset;
  const { protocol, groups } = split;
  const origin = { ...(protocol && { protocol }), ...(groups && { groups }) };
  const { train, validation, test } = samplesOfSplit(dataset, split, file);
  return { ...{ classes, instances, origin }, ...{ train, validation, test } };
}

/** The split may know of groups that the data set does not tell. */
function grouped(samples: readonly Sample[], groups: Split["groups"]): Sample[] {
  return samples.map((sample) => {
    const group = groups?.[sample.name] ?? sample.group;
    return group === undefined ? sample : { ...sample, group };
  });
}

function byFraction(dataset: Dataset, share: number, seed: number): Omit<RunSamples, "others"> {
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

/** What watches and ends a check. */
export interface CheckHooks {
  /** Told every ten seconds how many images have been read. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** The scale at which images are looked at to tell what they look like; default: nothing is told. */
  readonly look?: { readonly fit: Fit; readonly size: number };
}

const progressEveryMs = 10_000;

/** Messages of a check; what is wrong with more files is mostly one fault. */
const mostFaults = 1000;

/** What a check finds of an image: its size, and what it is told apart from others by. */
export interface CheckedSample extends Size {
  readonly identity: ImageIdentity;
  /** What the image looks like, where that was asked for. */
  readonly appearance?: readonly number[];
}

/**
 * Reads all images and labels, a few at a time, so that a bad one ends a run before it begins and not in
 * the middle of an epoch.
 *
 * @param where  begins the message about several files, e.g. the folder of the data set
 * @returns size and identity of each image
 * @throws {DataError} naming each file that cannot be read or does not fit.
 * @throws the signal's reason when it is given.
 */
export async function checkSamples(
  samples: readonly Sample[],
  where: string,
  { onProgress, signal, look }: CheckHooks = {},
): Promise<CheckedSample[]> {
  const checked = new Array<CheckedSample>(samples.length);
  const faults = new Map<number, DataError>();
  let next = 0;
  let told = performance.now();
  const work = async (): Promise<void> => {
    while (next < samples.length) {
      signal?.throwIfAborted();
      if (performance.now() - told > progressEveryMs) {
        told = performance.now();
        onProgress?.(next, samples.length);
      }
      const at = next++;
      try {
        const { image } = await readSample(samples[at]!);
        const { width, height } = image;
        const appearance = look && appearanceOf(asSeen(image, look)).map(shortened);
        const identity = await identify(samples[at]!);
        checked[at] = { width, height, identity, ...(appearance && { appearance }) };
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        faults.set(at, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const [first, ...others] = [...faults].sort(([a], [b]) => a - b).map(([, error]) => error);
  if (first === undefined) return checked;
  if (others.length === 0) throw first;
  const messages = [first, ...others].slice(0, mostFaults).map(({ message }) => `  ${message}`);
  const more = faults.size - messages.length;
  throw new DataError(
    [
      `${where}: all images and labels to train and validate with must be usable, got ${faults.size} of ${samples.length} that are not:`,
      ...messages,
      ...(more > 0 ? [`  and ${more} more`] : []),
      "repair them, or take them out of the data set or the split",
    ].join("\n"),
    { cause: first },
  );
}

/** To four digits behind the point: checkpoints hold these numbers as text. */
const shortened = (value: number): number => Math.round(value * 1e4) / 1e4;

/**
 * Looks at the files of weights that a run starts from, before any image is read: what is in them is checked with the network.
 *
 * @throws {DataError} if one is missing or damaged.
 * @throws {ArgumentError} if the network has no encoder to fill.
 */
export async function requireStartFiles({ network, training }: RunConfig): Promise<void> {
  if (training.encoderWeights !== undefined) {
    publishedEncoder(networkNamed(network.name), training.encoderWeights);
  }
  for (const file of [training.weights, training.encoderWeights]) {
    if (file !== undefined) await readSafetensorsHeader(file);
  }
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

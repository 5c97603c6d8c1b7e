/** What the writers of data sets share: what they are given and give, and the labels they write. */
import { DataError } from "../../base/errors.ts";
import type { Labels } from "../../tensor/raster.ts";
import type { Dataset, Sample } from "../dataset.ts";
import type { LabelRules } from "../labels/labelRules.ts";
import { readLabelSource } from "../labels/readLabelSource.node.ts";
import { openSample } from "../readSample.node.ts";

export interface WriteHooks {
  /** After every sample. */
  readonly onSample?: () => void;
  /** Ends the writing between two samples, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How label files are understood that would be refused without. */
  readonly rules?: LabelRules | undefined;
}

/** How many images went over byte for byte, and how many were written anew as PNG. */
export interface Written {
  readonly copied: number;
  readonly encoded: number;
}

/** Writes a data set into an empty folder. */
export type DatasetWriter = (dataset: Dataset, out: string, hooks: WriteHooks) => Promise<Written>;

export const partNames = ["train", "validation", "test"] as const;
export type PartName = (typeof partNames)[number];

/** Folder and file names of parts, as most tools have them. */
export const shortNames: Readonly<Record<PartName, string>> = {
  train: "train",
  validation: "val",
  test: "test",
};

/** Calls `write` for every sample of a part in turn. @returns the sum of what it says was copied */
export async function eachSample(
  samples: readonly Sample[],
  { onSample, signal }: WriteHooks,
  write: (sample: Sample) => Promise<{ readonly copied: boolean }>,
): Promise<Written> {
  let copied = 0;
  for (const sample of samples) {
    signal?.throwIfAborted();
    if ((await write(sample)).copied) copied++;
    onSample?.();
  }
  return { copied, encoded: samples.length - copied };
}

export const sumOf = (parts: readonly Written[]): Written => ({
  copied: parts.reduce((sum, part) => sum + part.copied, 0),
  encoded: parts.reduce((sum, part) => sum + part.encoded, 0),
});

/**
 * Labels at native size; instances only where the data set tells them apart.
 *
 * @throws {DataError} as `readSample`; if a data set of instances has a sample without.
 */
export async function labelsToWrite(
  sample: Sample,
  { instances }: Pick<Dataset, "instances">,
  { rules }: WriteHooks,
): Promise<Labels> {
  const size = await openSample(sample);
  const { instances: ids, ...labels } = await readLabelSource(sample.labels, { rules }, size);
  if (!instances) return labels;
  if (ids === undefined) {
    throw new DataError(`${sample.image}: image must have instances as all others, got none`);
  }
  return { ...labels, instances: ids };
}

/**
 * Instance ids as 16 bits: unchanged where they fit, else numbered anew from 1 in their order.
 *
 * @throws {DataError} if there are more than 65535 instances.
 */
export function sixteenBitIds(ids: Int32Array, name: string): Uint16Array {
  let most = 0;
  for (const id of ids) if (id > most) most = id;
  if (most <= 65535) return Uint16Array.from(ids);
  const order = [...new Set(ids)].filter((id) => id > 0).sort((a, b) => a - b);
  if (order.length > 65535) {
    throw new DataError(
      `${name}: image must have at most 65535 instances for a map of 16 bits, got ${order.length}; convert to coco`,
    );
  }
  const numbers = new Map(order.map((id, i) => [id, i + 1]));
  return Uint16Array.from(ids, (id) => numbers.get(id) ?? 0);
}

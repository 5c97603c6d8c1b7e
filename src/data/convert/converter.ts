/** What a writer of a data set in some form is given and gives. */
import type { Dataset, Sample } from "../dataset.ts";
import type { LabelRules } from "../labels/labelRules.ts";

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

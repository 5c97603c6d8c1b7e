/** One name, one sample: where parts of a data set share names, all names carry their part. */
import type { Dataset, Sample } from "../dataset.ts";

const parts = ["train", "validation", "test"] as const;
type Part = (typeof parts)[number];

/**
 * The data set, each sample named `part/name` (`train/001`, `test/001`) if any name occurs in two parts, and
 * unchanged otherwise. The order stays. Names of files hold no slash, so that both forms are clear.
 */
export function qualifyNames<T extends Pick<Dataset, Part>>(dataset: T): T {
  const names = parts.flatMap((part) => dataset[part].map(({ name }) => name));
  if (new Set(names).size === names.length) return dataset;
  const qualified = (part: Part): Sample[] =>
    dataset[part].map((sample) => ({ ...sample, name: `${part}/${sample.name}` }));
  return {
    ...dataset,
    train: qualified("train"),
    validation: qualified("validation"),
    test: qualified("test"),
  };
}

/** The name without its part. */
export const bareName = (name: string): string => name.replace(/^(train|validation|test)\//, "");

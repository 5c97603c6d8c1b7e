/** Which samples of a data set a split is made of, and the samples behind its names. */
import { DataError } from "../../base/errors.ts";
import { byName, type Dataset, type Sample } from "../dataset.ts";
import { selectSamples, type Split, type SplitPool, type SplitProtocol } from "./split.ts";

type Parts = Pick<Dataset, "root" | "train" | "validation" | "test">;

/**
 * The samples of a pool, sorted by name.
 *
 * @throws {DataError} if it is empty, or parts that are pooled share a name.
 */
export function poolOf({ root, train, validation, test }: Parts, pool: SplitPool): Sample[] {
  const parts = { train: [train], "train+validation": [train, validation] };
  const samples = (pool === "all" ? [train, validation, test] : parts[pool]).flat();
  samples.sort((a, b) => byName(a.name, b.name));
  if (samples.length === 0) {
    throw new DataError(
      `${root}: pool ${pool} must hold images, got none (train ${train.length}, validation ${validation.length}, test ${test.length}); choose another --pool`,
    );
  }
  const twice = samples.find(({ name }, i) => name === samples[i + 1]?.name)?.name;
  if (twice !== undefined) {
    throw new DataError(
      `${root}: names must be unique in pool ${pool}, got ${twice} in two parts; rename one, or choose another --pool`,
    );
  }
  return samples;
}

/** The samples of a split's parts. */
export type SplitSamples = Record<"train" | "validation" | "test", Sample[]>;

/**
 * The samples of each part of a split, by its protocol. A split without one takes its test names from the
 * data set's own test part where there is one, and all others from the training and validation parts.
 *
 * @param where  begins the message, e.g. the file of the split
 * @throws {DataError} if a name is not in the data set.
 */
export function samplesOfSplit(dataset: Parts, split: Split, where = "split"): SplitSamples {
  const { protocol } = split;
  const learning = [...dataset.train, ...dataset.validation];
  const official = protocol ? protocol.officialTest : dataset.test.length > 0;
  const [pool, validating] = sourcesOf(dataset, protocol) ?? [learning, learning];
  return {
    train: selectSamples(pool, split.train, where),
    validation: selectSamples(validating, split.validation, where),
    // Names of the official test part may repeat those of the training part.
    test: selectSamples(official ? dataset.test : pool, split.test, where),
  };
}

/** Where training and validation names come from. */
function sourcesOf(
  dataset: Parts,
  protocol: SplitProtocol | undefined,
): [train: readonly Sample[], validation: readonly Sample[]] | undefined {
  if (protocol === undefined) return undefined;
  const { train, validation } = dataset;
  if (protocol.method === "official") return [train, validation.length > 0 ? validation : train];
  const pool = poolOf(dataset, protocol.pool);
  return [pool, pool];
}

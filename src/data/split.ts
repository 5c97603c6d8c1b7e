/** Splitting samples into training, validation and test parts, by seed and name alone. */
import { ArgumentError, DataError } from "../tensor/errors.ts";
import { Random } from "../tensor/random.ts";
import { byName, type Sample } from "./dataset.ts";

/** The names of each part, sorted; what `split.json` of a run holds. */
export interface Split {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/** Fractions of all samples, in 0..1. */
export interface SplitOptions {
  readonly validation: number;
  /** Default 0. */
  readonly test?: number;
  readonly seed: number;
}

/**
 * A random split: the names are sorted, shuffled by the seed, and cut into test, validation and training
 * parts of round(fraction * count) each, at least 1 where the fraction is above 0. The order and the
 * folders of `samples` do not matter.
 *
 * @throws {ArgumentError} if a fraction is not in 0..1.
 * @throws {DataError} if too few samples remain for training, or two share a name.
 */
export function splitDataset(
  samples: readonly { readonly name: string }[],
  options: SplitOptions,
): Split {
  const { validation, test = 0, seed } = options;
  for (const [name, fraction] of Object.entries({ validation, test })) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new ArgumentError(
        `split: ${name} must be a fraction from 0 to below 1, got ${fraction}`,
      );
    }
  }
  const names = samples.map((sample) => sample.name).sort(byName);
  const twice = names.find((name, i) => name === names[i + 1]);
  if (twice !== undefined) throw new DataError(`split: names must be unique, got ${twice} twice`);
  const shuffled = Random.of(seed, "split").shuffled(names);
  const countOf = (fraction: number) =>
    fraction === 0 ? 0 : Math.max(1, Math.round(fraction * names.length));
  const tests = countOf(test);
  const validations = countOf(validation);
  if (tests + validations >= names.length) {
    throw new DataError(
      `split: training must keep at least one of the samples, got ${names.length} samples of which ${validations} for validation and ${tests} for test; add samples or lower the fractions`,
    );
  }
  return {
    test: shuffled.slice(0, tests).sort(byName),
    validation: shuffled.slice(tests, tests + validations).sort(byName),
    train: shuffled.slice(tests + validations).sort(byName),
  };
}

/**
 * The samples with these names, in the order of the names.
 *
 * @param where  begins the message, e.g. the file the names came from
 * @throws {DataError} if names are missing among the samples.
 */
export function selectSamples(
  samples: readonly Sample[],
  names: readonly string[],
  where = "split",
): Sample[] {
  const found = new Map(samples.map((sample) => [sample.name, sample]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const shown = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", ..." : "");
    throw new DataError(
      `${where}: all names must be in the data set, got ${missing.length} of ${names.length} missing: ${shown}`,
    );
  }
  return names.map((name) => found.get(name)!);
}

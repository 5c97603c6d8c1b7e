/** Splitting samples into training, validation and test parts, by seed and name alone. */
import { ArgumentError, DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { byName, type Sample } from "../dataset.ts";
import { bareName } from "./qualifyNames.ts";
import { fillParts, isGrouped, unitsOf, type Splittable } from "./splitUnits.ts";

/** Which of a data set's own parts the names of a split are taken from. */
export const splitPools = ["train", "train+validation", "all"] as const;
export type SplitPool = (typeof splitPools)[number];

/** How a split was made, as its file records it. */
export interface SplitProtocol {
  readonly method: "folds" | "ratio" | "official";
  readonly pool: SplitPool;
  /** Whether the test names are those of the data set's own test part, instead of names of the pool. */
  readonly officialTest: boolean;
  /** Which fold is the test part, from 1. */
  readonly fold?: number;
  readonly folds?: number;
  /** Whether folds are drawn at random, instead of cut from the sorted names. */
  readonly shuffled?: boolean;
  readonly ratio?: readonly number[];
  /** Share of what is left beside the test part that validates. */
  readonly validation?: number;
  /** Of every random number. */
  readonly seed?: number;
  /** What told the groups, in words. */
  readonly groupedBy?: string;
}

/** The names of each part, sorted; what `split.json` of a run holds. */
export interface Split {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
  /** Absent in splits of other origin. */
  readonly protocol?: SplitProtocol;
  /** Group by name, where groups were kept whole. */
  readonly groups?: Readonly<Record<string, string>>;
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
 * folders of `samples` do not matter. Samples of one group stay in one part; the sizes are then as near to
 * these as whole groups come.
 *
 * @throws {ArgumentError} if a fraction is not in 0..1.
 * @throws {DataError} if too few samples or groups remain for training, or two samples share a name.
 */
export function splitDataset(samples: readonly Splittable[], options: SplitOptions): Split {
  const { validation, test = 0, seed } = options;
  for (const [name, fraction] of Object.entries({ validation, test })) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new ArgumentError(
        `split: ${name} must be a fraction from 0 to below 1, got ${fraction}`,
      );
    }
  }
  const names = uniqueNames(samples);
  const random = Random.of(seed, "split");
  const countOf = (fraction: number) =>
    fraction === 0 ? 0 : Math.max(1, Math.round(fraction * names.length));
  const tests = countOf(test);
  const validations = countOf(validation);
  if (tests + validations >= names.length) {
    throw new DataError(
      `split: training must keep at least one of the samples, got ${names.length} samples of which ${validations} for validation and ${tests} for test; add samples or lower the fractions`,
    );
  }
  if (isGrouped(samples)) {
    const sizes = [names.length - validations - tests, validations, tests];
    const [train = [], validating = [], testing = []] = fillParts(unitsOf(samples), sizes, random);
    return { test: testing, validation: validating, train };
  }
  const shuffled = random.shuffled(names);
  return {
    test: shuffled.slice(0, tests).sort(byName),
    validation: shuffled.slice(tests, tests + validations).sort(byName),
    train: shuffled.slice(tests + validations).sort(byName),
  };
}

/** The names of samples, sorted. @throws {DataError} if two samples share one. */
export function uniqueNames(samples: readonly Splittable[]): string[] {
  const names = samples.map((sample) => sample.name).sort(byName);
  const twice = names.find((name, i) => name === names[i + 1]);
  if (twice !== undefined) throw new DataError(`split: names must be unique, got ${twice} twice`);
  return names;
}

/**
 * The samples with these names, in the order of the names. `001` also finds `test/001`, if it is the only
 * one of this name among them.
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
  const bare = new Map<string, Sample[]>();
  for (const sample of samples) {
    const name = bareName(sample.name);
    bare.set(name, [...(bare.get(name) ?? []), sample]);
  }
  const sampleOf = (name: string): Sample | undefined => {
    const [only, ...more] = bare.get(name) ?? [];
    return found.get(name) ?? (more.length === 0 ? only : undefined);
  };
  const missing = names.filter((name) => sampleOf(name) === undefined);
  if (missing.length > 0) {
    const shown = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", ..." : "");
    throw new DataError(
      `${where}: all names must be in the data set, got ${missing.length} of ${names.length} missing: ${shown}`,
    );
  }
  return names.map((name) => sampleOf(name)!);
}

/** Which of the images that a checkpoint is evaluated on it has met in its training. */
import { ArgumentError, DataError } from "../base/errors.ts";
import type { Sample } from "../data/dataset.ts";
import { acrossParts, findNearDuplicates } from "../data/splits/nearDuplicates.node.ts";
import { isPlain, type OpenedCheckpoint, type PlainWeights } from "../run/openCheckpoint.node.ts";
import { openRunSamples } from "../run/runData.node.ts";
import { exists } from "../run/runFolder.node.ts";
import { seenImages } from "../run/seenImages.node.ts";
import type { SeenImage, SeenScores } from "../score/seenScores.ts";

export interface SeenOptions extends PlainWeights {
  /** The images are of the run's own data set and split, so that their parts tell it. */
  readonly parts?: Readonly<Record<SeenImage["part"], readonly Sample[]>> | undefined;
  /** Look for images that show the same among those of the run's data set, too. */
  readonly nearDuplicates: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * By the content of the files, where the checkpoint holds it (those of version 0.1 do not): copied, renamed
 * and linked images are found. Else by the run's own split, if the images are of its own data set.
 *
 * @throws {ArgumentError} if near-duplicates are asked of weights that do not tell their data.
 * @throws {DataError} if an image cannot be read, or the run's data set is gone where near-duplicates are asked.
 */
export async function seenOf(
  opened: OpenedCheckpoint,
  samples: readonly Sample[],
  options: SeenOptions,
): Promise<Pick<SeenScores, "known"> & { images: SeenImage[] }> {
  const { parts, nearDuplicates, signal } = options;
  const data = opened.origin?.data;
  const images: SeenImage[] = [];
  if (data) {
    const seen = await seenImages(data, samples, { signal });
    for (const [name, { part, name: as }] of seen) images.push({ name, part, as, by: "content" });
  } else if (parts) {
    for (const part of ["train", "validation"] as const) {
      const names = new Set(parts[part].map(({ name }) => name));
      for (const { name } of samples)
        if (names.has(name)) images.push({ name, part, as: name, by: "split" });
    }
  }
  if (nearDuplicates) images.push(...(await alike(opened, samples, images, options)));
  return { known: data ? "content" : parts ? "names" : "nothing", images };
}

/** Those that look the same as an image of the run's data set, and are not known to be one yet. */
async function alike(
  { config, run, file, origin }: OpenedCheckpoint,
  samples: readonly Sample[],
  known: readonly SeenImage[],
  options: SeenOptions,
): Promise<SeenImage[]> {
  if (isPlain(options))
    throw new ArgumentError(
      `nearDuplicates (--near-duplicates) must be left out for plain weights, which do not tell what they ` +
        `were trained on, got ${file}`,
    );
  const split = origin?.data.split ?? (run && (await exists(run.split)) ? run.split : undefined);
  const trained = await openRunSamples(config, split, "leave out").catch((cause: unknown) => {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(
      `${config.data.path}: the images that the network was trained on must be there to look for ` +
        `near-duplicates among them, got: ${cause.message}; leave out --near-duplicates`,
      { cause },
    );
  });
  const seen = new Set(known.map(({ name }) => name));
  const rest = samples.filter(({ name }) => !seen.has(name));
  const found = await findNearDuplicates(
    { train: trained.train, validation: trained.validation, evaluated: rest },
    { signal: options.signal },
  );
  const images = new Map<string, SeenImage>();
  for (const { images: pair } of acrossParts(found)) {
    const own = pair.find(({ part }) => part === "evaluated");
    const other = pair.find(({ part }) => part !== "evaluated");
    if (!own || !other) continue;
    // To have been trained on weighs more than to have validated.
    const part = other.part === "train" ? "train" : "validation";
    if (images.get(own.name)?.part !== "train")
      images.set(own.name, { name: own.name, part, as: other.name, by: "likeness" });
  }
  return [...images.values()];
}

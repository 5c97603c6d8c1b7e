/** Which images a checkpoint is measured on. */
import { resolve } from "node:path";
import { z } from "zod";
import { ArgumentError, DataError } from "../base/errors.ts";
import { fileOption, folderOption } from "../base/options.ts";
import type { Sample } from "../data/dataset.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import { isPlain, type OpenedCheckpoint, type PlainWeights } from "../run/openCheckpoint.node.ts";
import { openRunSamples, type RunSamples } from "../run/runData.node.ts";
import { exists } from "../run/runFolder.node.ts";

const parts = ["test", "validation", "train", "all"] as const;
export type PartName = (typeof parts)[number];

/** The options that choose images. */
export const chosenOptions = {
  data: folderOption("folder of the data set (default: the run's own)").optional(),
  part: z
    .enum(parts)
    .optional()
    .describe("images to evaluate (default: test where there are any, else validation, else all)"),
  split: fileOption("file of a split, as split.json of a run").optional(),
};

/** They, and what says that the weights are plain. */
export type ChosenOptions = z.output<z.ZodObject<typeof chosenOptions>> & PlainWeights;

/** Images that a command looks at, and where they come from. */
export interface Chosen {
  readonly part: PartName;
  readonly samples: readonly Sample[];
  readonly data: string;
  /** The run's own parts, where the images are of its data set. */
  readonly parts: RunSamples | undefined;
}

/**
 * The images of a part.
 *
 * @throws {ArgumentError} if there is neither a data set nor a run that knows its own.
 * @throws {DataError} if the data cannot be read, or the part is empty.
 */
export async function chooseSamples(
  { config, run }: OpenedCheckpoint,
  options: ChosenOptions,
): Promise<Chosen> {
  const data = options.data ?? config.data.path;
  if (data === "") {
    throw new ArgumentError(
      "data (--data) must be given for a checkpoint outside the folder of its run, got none",
    );
  }
  const samples = await partsOf(data, config, run?.split, options);
  const all = [...samples.train, ...samples.validation, ...samples.test];
  const part =
    options.part ??
    (samples.test.length > 0 ? "test" : samples.validation.length > 0 ? "validation" : "all");
  const chosen = part === "all" ? all : samples[part];
  if (chosen.length === 0) {
    const sizes = (["train", "validation", "test"] as const)
      .map((name) => `${name} ${samples[name].length}`)
      .join(", ");
    throw new DataError(`${data}: part ${part} must hold images, got none (${sizes})`);
  }
  return { part, samples: chosen, data, parts: isOwn(config, options) ? samples : undefined };
}

/** Whether it is the data set that the network was trained on. */
const isOwn = (config: OpenedCheckpoint["config"], options: ChosenOptions): boolean =>
  !isPlain(options) &&
  (options.data === undefined || resolve(options.data) === resolve(config.data.path));

/** The run's own data are split as in the run; a foreign data set has only its own parts. */
async function partsOf(
  data: string,
  config: OpenedCheckpoint["config"],
  runSplit: string | undefined,
  options: ChosenOptions,
): Promise<RunSamples> {
  const own = isOwn(config, options);
  const split =
    options.split ?? (own && runSplit && (await exists(runSplit)) ? runSplit : undefined);
  if (!own && split === undefined) return qualifyNames(await openDataset(data, config.data));
  return openRunSamples({ ...config, data: { ...config.data, path: data } }, split);
}

/** Opening what a person gives as "the model": a checkpoint file or the folder of a run. */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../base/errors.ts";
import { fileReason } from "../base/files.node.ts";
import type { NamedTensors } from "../tensor/tensor.ts";
import { inferenceWeights } from "../train/trainingState.ts";
import { chosenNetwork, type NetworkFacts } from "../network/facts.ts";
import { readNetworkWeights } from "../network/networkWeights.node.ts";
import { readCheckpoint } from "./checkpoint.node.ts";
import { resolveConfig, type PresetName, type RunConfig } from "./config.ts";
import { factsOf } from "./networkFacts.ts";
import { atStart, type Progress } from "../train/progress.ts";
import type { RunOrigin } from "./origin.ts";
import { readRunConfig } from "./readRunConfig.node.ts";
import { exists, runFolder, type RunFolder } from "./runFolder.node.ts";

export interface OpenedCheckpoint {
  readonly file: string;
  /** The run's folder, if that was given. */
  readonly run?: RunFolder;
  /** What network it is, what it tells apart, what it is shown. */
  readonly facts: NetworkFacts;
  /** `data.path` is empty where it is not known: a checkpoint outside the folder of its run. */
  readonly config: RunConfig;
  readonly progress: Progress;
  /** By what program and on which data it was trained; unknown of version 0.1 and of plain weights. */
  readonly origin?: RunOrigin;
  /** What to predict with: averaged weights where there are any. */
  readonly weights: NamedTensors;
}

/** What a file of plain weights is of (PyTorch names, no configuration); see `plainOptions`. */
export interface PlainWeights {
  readonly preset?: PresetName | undefined;
  readonly network?: string | undefined;
  readonly networkSize?: string | undefined;
  /** Height and width that the network sees; default: the preset's. */
  readonly size?: number | undefined;
}

/** Whether a file is said to hold plain weights: by its preset or network. */
export const isPlain = ({ preset, network, networkSize }: PlainWeights): boolean =>
  preset !== undefined || network !== undefined || networkSize !== undefined;

/**
 * Opens a checkpoint for use; of a run, its best.
 *
 * @param path   a .safetensors file, or the folder of a run
 * @param plain  what plain weights are of, instead of a checkpoint; with none of its options it is one
 * @throws {DataError} if there is none, or the file is damaged, does not fit the network, or holds NaN or infinite values.
 */
export async function openCheckpoint(
  path: string,
  plain: PlainWeights = {},
): Promise<OpenedCheckpoint> {
  if (isPlain(plain)) {
    const { preset, network: name, networkSize, size } = plain;
    const network = { name, size: networkSize };
    const config = resolveConfig({ preset, network, data: { path: ".", size } });
    const facts = factsOf(config);
    const weights = await readNetworkWeights(path, chosenNetwork(facts), facts.input.size);
    return { file: path, facts, config, progress: atStart(), weights };
  }
  const { file, run } = await findCheckpoint(path);
  const checkpoint = await readCheckpoint(file, true);
  const { progress, origin } = checkpoint;
  const config = await withPath(checkpoint.config, file);
  return {
    ...{ file, ...(run && { run }), config, progress, ...(origin && { origin }) },
    facts: factsOf(config),
    weights: inferenceWeights(checkpoint.tensors),
  };
}

/** The configuration with the path of the data, which the run's own config.json has beside the checkpoints. */
async function withPath(config: RunConfig, file: string): Promise<RunConfig> {
  const { config: written } = runFolder(dirname(dirname(file)));
  if (config.data.path !== "" || !(await exists(written))) return config;
  const { path } = (await readRunConfig(written)).data;
  return { ...config, data: { ...config.data, path } };
}

/** The file behind `path`: itself, or the best checkpoint of the run in that folder. */
export async function findCheckpoint(path: string): Promise<{ file: string; run?: RunFolder }> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new DataError(
      `${path}: must be a checkpoint or the folder of a run, got ${fileReason(cause)}`,
      { cause },
    );
  });
  if (!info.isDirectory()) return { file: path };
  const run = runFolder(path);
  if (await exists(run.best)) return { file: run.best, run };
  throw new DataError(
    `${path}: must be the folder of a run with checkpoints/best.safetensors, got a folder without it`,
  );
}

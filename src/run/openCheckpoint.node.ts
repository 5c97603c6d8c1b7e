/** Opening what a person gives as "the model": a checkpoint file or the folder of a run. */
import { stat } from "node:fs/promises";
import { DataError } from "../base/errors.ts";
import { fileReason } from "../base/files.node.ts";
import { readCheckpoint } from "./checkpoint.node.ts";
import { inferenceWeights } from "../train/trainingState.ts";
import type { NamedTensors } from "../tensor/tensor.ts";
import { resolveConfig, type RunConfig } from "./config.ts";
import { networkOptions } from "../network/networkGraphs.ts";
import { readNetworkWeights } from "../network/networkWeights.node.ts";
import { atStart, type Progress } from "../train/progress.ts";
import { exists, runFolder, type RunFolder } from "./runFolder.node.ts";

export interface OpenedCheckpoint {
  readonly file: string;
  /** The run's folder, if that was given. */
  readonly run?: RunFolder;
  readonly config: RunConfig;
  readonly progress: Progress;
  /** What to predict with: averaged weights where there are any. */
  readonly weights: NamedTensors;
}

/**
 * Opens a checkpoint for use; of a run, its best.
 *
 * @param path   a .safetensors file, or the folder of a run
 * @param plain  the network that a file of plain weights belongs to (PyTorch names, no configuration), instead of a checkpoint
 * @throws {DataError} if there is none, or the file is damaged or does not fit the network.
 */
export async function openCheckpoint(
  path: string,
  plain?: { readonly preset: RunConfig["preset"]; readonly size?: number | undefined },
): Promise<OpenedCheckpoint> {
  if (plain) {
    const { preset, size } = plain;
    const config = resolveConfig({ preset, data: { path: ".", size } });
    const weights = await readNetworkWeights(path, networkOptions(preset, config.model));
    return { file: path, config, progress: atStart(), weights };
  }
  const { file, run } = await findCheckpoint(path);
  const checkpoint = await readCheckpoint(file, true);
  const { config, progress } = checkpoint;
  return {
    file,
    ...(run && { run }),
    config,
    progress,
    weights: inferenceWeights(checkpoint.tensors),
  };
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

/** Checkpoints: a run's weights, state and progress in one safetensors file. */
import { z } from "zod";
import { atomicWriteFile } from "../base/files.node.ts";
import { DataError } from "../base/errors.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { safetensorsChunks } from "../tensor/safetensors.ts";
import { resolveConfig, type RunConfig } from "./config.ts";
import { progressSchema, type Progress } from "../train/progress.ts";
import type { Snapshot } from "../train/runStore.ts";
import { optimizerPrefix } from "../train/trainingState.ts";

export type { NamedTensors } from "../tensor/tensor.ts";

/** What a file of a run holds. */
export interface Checkpoint extends Snapshot {
  readonly config: RunConfig;
}

const formatKey = "sgdc.checkpoint";
const formatVersion = "1";

/**
 * Writes a checkpoint, whole or not at all; the values are not copied.
 *
 * @throws {DataError} if the disk is full or the folder read-only; an older file is then untouched.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const metadata = new Map([
    [formatKey, formatVersion],
    ["config", JSON.stringify(checkpoint.config)],
    ["progress", JSON.stringify(checkpoint.progress)],
  ]);
  await atomicWriteFile(path, [...safetensorsChunks({ tensors: checkpoint.tensors, metadata })]);
}

/**
 * Reads a checkpoint.
 *
 * @param weightsOnly  leave the optimizer's state in the file; default false
 * @throws {DataError} if the file is missing, damaged, or no checkpoint of this program.
 */
export async function readCheckpoint(path: string, weightsOnly = false): Promise<Checkpoint> {
  const wanted = (name: string): boolean => !weightsOnly || !name.startsWith(optimizerPrefix);
  const { tensors, metadata } = await readSafetensors(path, wanted);
  const format = metadata.get(formatKey);
  if (format !== formatVersion) {
    throw new DataError(
      `${path}: must be a checkpoint of sgdc, format ${formatVersion}, got ${format === undefined ? "a safetensors file of other origin" : `format ${format}`}; name the network of plain weights with --network or --preset`,
    );
  }
  return {
    config: parseConfig(metadata.get("config"), path),
    progress: parseProgress(metadata.get("progress"), path),
    tensors,
  };
}

function parseConfig(text: string | undefined, path: string): RunConfig {
  try {
    return resolveConfig(JSON.parse(text ?? ""));
  } catch (cause) {
    throw new DataError(
      `${path}: the checkpoint's configuration must be one that this version knows, got: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function parseProgress(text: string | undefined, path: string): Progress {
  try {
    return progressSchema.parse(JSON.parse(text ?? ""));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new DataError(`${path}: the checkpoint's progress must be readable, got: ${what}`, {
      cause,
    });
  }
}

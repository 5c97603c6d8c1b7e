/** Checkpoints as files. */
import { atomicWriteFile } from "../base/files.node.ts";
import { requireFinite } from "../tensor/requireFinite.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { safetensorsChunks } from "../tensor/safetensors.ts";
import { optimizerPrefix } from "../train/trainingState.ts";
import { checkpointContents, checkpointOf, type Checkpoint } from "./checkpoint.ts";

/**
 * Writes a checkpoint, whole or not at all; the values are not copied.
 *
 * @throws {DataError} if the disk is full or the folder read-only; an older file is then untouched.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await atomicWriteFile(path, [...safetensorsChunks(checkpointContents(checkpoint))]);
}

/**
 * Reads a checkpoint.
 *
 * @param weightsOnly  leave the optimizer's state in the file; default false
 * @throws {DataError} if the file is missing, damaged, or no checkpoint of this program; naming the
 *   tensors that hold NaN or infinite values.
 */
export async function readCheckpoint(path: string, weightsOnly = false): Promise<Checkpoint> {
  const wanted = (name: string): boolean => !weightsOnly || !name.startsWith(optimizerPrefix);
  const checkpoint = checkpointOf(await readSafetensors(path, wanted), path);
  requireFinite(checkpoint.tensors, path);
  return checkpoint;
}

/** Checkpoints: a run's weights, state and progress in one safetensors file. */
import { z } from "zod";
import { atomicWriteFile } from "../base/files.node.ts";
import { DataError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { safetensorsChunks } from "../tensor/safetensors.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { resolveConfig, type RunConfig } from "./config.ts";
import { progressSchema, type Progress } from "../train/progress.ts";

/** Named tensors, as they stand in a file. */
export type NamedTensors = ReadonlyMap<string, Tensor<"float32">>;

/** What a file of a run holds. Weights have their PyTorch names, the rest a prefix of these. */
export interface Checkpoint {
  readonly config: RunConfig;
  readonly progress: Progress;
  readonly tensors: NamedTensors;
}

/** Prefixes of arrays that are no weights. */
export const optimizerPrefix = "optimizer.";
export const emaPrefix = "ema.";

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
      `${path}: must be a checkpoint of sgdc, format ${formatVersion}, got ${format === undefined ? "a safetensors file of other origin" : `format ${format}`}; name the network of plain weights with --preset`,
    );
  }
  return {
    config: parseConfig(metadata.get("config"), path),
    progress: parseProgress(metadata.get("progress"), path),
    tensors,
  };
}

/** The weights to predict with: the averaged ones where the run kept an average. */
export function inferenceWeights({ tensors }: Checkpoint): NamedTensors {
  const weights = [...tensors].filter(([name]) => isWeight(name));
  return new Map(weights.map(([name, value]) => [name, tensors.get(emaPrefix + name) ?? value]));
}

const isWeight = (name: string): boolean =>
  !name.startsWith(optimizerPrefix) && !name.startsWith(emaPrefix);

/**
 * Copies tensors into arrays of the same names.
 *
 * @param shapes  what the shapes must be; by default only the number of values is looked at
 * @param file    begins the message
 * @throws {DataError} naming every missing, unexpected and misshapen tensor; nothing is copied then.
 */
export function copyInto(
  arrays: ReadonlyMap<string, Float32Array>,
  tensors: NamedTensors,
  shapes: ReadonlyMap<string, Shape>,
  file: string,
): void {
  const problems: string[] = [];
  for (const [name, { length }] of arrays) {
    const shape = shapes.get(name) ?? [length];
    const got = tensors.get(name);
    if (!got) problems.push(`missing "${name}" ${showShape(shape)}`);
    else if (!sameShape(got.shape, shape)) {
      problems.push(`"${name}" must be ${showShape(shape)}, got ${showShape(got.shape)}`);
    }
  }
  for (const name of tensors.keys()) {
    if (!arrays.has(name)) problems.push(`unexpected "${name}"`);
  }
  if (problems.length > 0) {
    const shown = problems.slice(0, 12).join("\n  ");
    const more = problems.length > 12 ? `\n  and ${problems.length - 12} more` : "";
    throw new DataError(
      `${file}: tensors must be those of the network, got ${problems.length} that are not:\n  ${shown}${more}`,
    );
  }
  for (const [name, values] of arrays) values.set(tensors.get(name)!.data);
}

/** Tensors whose names begin with `prefix`, without it. */
export const withPrefix = (tensors: NamedTensors, prefix: string): NamedTensors =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );

/** Tensors that are weights: no state of the optimizer or the average. */
export const weightsOf = (tensors: NamedTensors): NamedTensors =>
  new Map([...tensors].filter(([name]) => isWeight(name)));

function parseConfig(text: string | undefined, path: string): RunConfig {
  try {
    return resolveConfig(parseJson(text ?? ""));
  } catch (cause) {
    throw new DataError(
      `${path}: the checkpoint's configuration must be one that this version knows, got: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function parseProgress(text: string | undefined, path: string): Progress {
  try {
    return progressSchema.parse(parseJson(text ?? ""));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new DataError(`${path}: the checkpoint's progress must be readable, got: ${what}`, {
      cause,
    });
  }
}

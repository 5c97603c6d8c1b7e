/** What a checkpoint holds, and how it stands in the metadata of a safetensors file. */
import { z } from "zod";
import { DataError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import type { Safetensors } from "../tensor/safetensors.ts";
import { progressSchema } from "../train/progress.ts";
import type { Snapshot } from "../train/runStore.ts";
import { resolveConfig, type RunConfig } from "./config.ts";
import { originSchema, type RunOrigin } from "./origin.ts";

/** What a file of a run holds. */
export interface Checkpoint extends Snapshot {
  /** Without paths where the file is of this version: `data.path` is then empty. */
  readonly config: RunConfig;
  /** Absent in files of version 0.1. */
  readonly origin?: RunOrigin;
}

const formatKey = "sgdc.checkpoint";
const formatVersion = "2";
/** Formats that can be read; 1 is that of version 0.1. */
const formats: readonly (string | undefined)[] = ["1", formatVersion];

/** The contents of a checkpoint's file; the values are not copied, paths of the run are left out. */
export function checkpointContents({ config, progress, origin, tensors }: Checkpoint): Safetensors {
  const metadata = new Map([
    [formatKey, formatVersion],
    ["config", JSON.stringify(withoutPaths(config))],
    ["progress", JSON.stringify(progress)],
  ]);
  if (origin) metadata.set("origin", JSON.stringify(origin));
  return { tensors, metadata };
}

/**
 * The checkpoint in a file's contents.
 *
 * @param file  begins the message
 * @throws {DataError} if it is no checkpoint of this program.
 */
export function checkpointOf({ tensors, metadata }: Safetensors, file: string): Checkpoint {
  const format = metadata.get(formatKey);
  if (!formats.includes(format)) {
    throw new DataError(
      `${file}: must be a checkpoint of sgdc, format 1 or 2, got ${format === undefined ? "a safetensors file of other origin" : `format ${format}`}; name the network of plain weights with --network or --preset`,
    );
  }
  const origin = metadata.get("origin");
  return {
    config: parse("configuration", metadata.get("config"), file, configOf),
    progress: parse("progress", metadata.get("progress"), file, (json) =>
      progressSchema.parse(json),
    ),
    ...(origin !== undefined && {
      origin: parse("origin", origin, file, (json) => originSchema.parse(json)),
    }),
    tensors,
  };
}

function parse<T>(
  what: string,
  text: string | undefined,
  file: string,
  read: (json: unknown) => T,
): T {
  try {
    return read(parseJson(text ?? ""));
  } catch (cause) {
    const got = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new DataError(
      `${file}: the checkpoint's ${what} must be one that this version knows, got: ${got}`,
      { cause },
    );
  }
}

/** A path that the configuration's schema takes for one. */
const unknownPath = "unknown";

function configOf(json: unknown): RunConfig {
  const { data = {} } = json as { data?: { path?: string } };
  const { path = "" } = data;
  const named = { ...data, path: path === "" ? unknownPath : path };
  const config = resolveConfig({ ...(json as object), data: named });
  return { ...config, data: { ...config.data, path } };
}

/** The configuration without what names files of the machine that it was used on. */
export const withoutPaths = (config: RunConfig): RunConfig => ({
  ...config,
  data: { ...config.data, path: "", split: undefined },
  training: { ...config.training, weights: undefined, encoderWeights: undefined },
});

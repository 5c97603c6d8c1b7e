/** What a run is resumed from: its checkpoint, its configuration, its split. */
import { availableParallelism, cpus } from "node:os";
import { ArgumentError } from "../base/errors.ts";
import { packageVersion } from "../base/packageVersion.node.ts";
import type { Split } from "../data/splits/split.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { engineVersion } from "../runtime/nodeRuntime.node.ts";
import { withoutPaths, type Checkpoint } from "./checkpoint.ts";
import { readCheckpoint } from "./checkpoint.node.ts";
import { differences, type RunConfig } from "./config.ts";
import type { ProgramIdentity } from "./origin.ts";
import { readRunConfig } from "./readRunConfig.node.ts";
import { exists, runFolder } from "./runFolder.node.ts";

/** A run as it lies in its folder. */
export interface SavedRun {
  readonly config: RunConfig;
  /** Absent if the run was ended before its first checkpoint: it then starts anew. */
  readonly checkpoint?: Checkpoint;
  /** Absent if neither checkpoint nor folder have it. */
  readonly split?: Split;
}

/**
 * Opens a run to go on with.
 *
 * What decides the numbers is told by the checkpoint. config.json and split.json are copies for people:
 * where they are missing they are made anew, where they say something else the run is refused.
 *
 * @throws {ArgumentError} if the folder holds no run, or a copy was edited, naming what differs.
 * @throws {DataError} if a file is damaged.
 */
export async function openSavedRun(out: string): Promise<SavedRun> {
  const folder = runFolder(out);
  const written = (await exists(folder.config)) ? await readRunConfig(folder.config) : undefined;
  const copy = (await exists(folder.split)) ? await readSplit(folder.split) : undefined;
  if (!(await exists(folder.last))) {
    if (written) return { config: written, ...(copy && { split: copy }) };
    throw new ArgumentError(
      `${out}: folder to resume must hold a run, got no checkpoints/last.safetensors and no config.json`,
    );
  }
  const checkpoint = await readCheckpoint(folder.last);
  if (written) refuseEdited(folder.config, checkpoint.config, written);
  const kept = checkpoint.origin?.data.split;
  if (kept && copy) refuseEditedSplit(folder.split, kept, copy);
  const split = kept ?? copy;
  return { config: written ?? checkpoint.config, checkpoint, ...(split && { split }) };
}

function refuseEdited(file: string, saved: RunConfig, written: RunConfig): void {
  const changed = differences(withoutPaths(saved), withoutPaths(written));
  if (changed.length === 0) return;
  throw new ArgumentError(
    `${file}: configuration must be that of the run's checkpoint, got an edited one:\n  ${changed.join("\n  ")}\ntake the changes back, or start a new run with them: --config and another --out`,
  );
}

function refuseEditedSplit(file: string, saved: Split, written: Split): void {
  for (const part of ["train", "validation", "test"] as const) {
    const names = new Set(saved[part]);
    const other = written[part].filter((name) => !names.delete(name));
    if (other.length === 0 && names.size === 0) continue;
    const show = (list: readonly string[]): string => list.slice(0, 5).join(", ") || "none";
    throw new ArgumentError(
      `${file}: split must be that of the run's checkpoint, got another part ${part}: more ${show(other)}; fewer ${show([...names])}; delete the file to have it written anew, or start a new run with it: --split and another --out`,
    );
  }
}

/** What decides the bits beside the options: versions, threads and processor. */
export function thisProgram({ threads }: { readonly threads: number }): ProgramIdentity {
  return {
    version: packageVersion(),
    engine: engineVersion(),
    threads: threads || availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
  };
}

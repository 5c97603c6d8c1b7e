/** The folder of a run as the store of its fit loop. */
import type { Clock } from "../train/clock.ts";
import type { RunStore, Snapshot } from "../train/runStore.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { saveCheckpoint } from "./checkpoint.node.ts";
import type { FolderLock } from "./folderLock.node.ts";
import { exists, removeLeftovers, writeLog, type RunFolder } from "./runFolder.node.ts";

/**
 * Keeps a run's states as checkpoints, its history as log.jsonl. What a killed process left half written
 * is removed first.
 *
 * @param kept  what every checkpoint says beside the state
 * @param lock  asked before each file is written, so that a folder that was removed is not made anew
 */
export async function openFolderStore(
  folder: RunFolder,
  kept: Pick<Checkpoint, "config" | "origin">,
  lock?: Pick<FolderLock, "check">,
): Promise<RunStore> {
  await removeLeftovers(folder);
  const save = async (file: string, state: Snapshot): Promise<void> => {
    await lock?.check();
    await saveCheckpoint(file, { ...kept, ...state });
  };
  return {
    saveLast: (state) => save(folder.last, state),
    saveBest: (weights) => save(folder.best, weights),
    async saveHistory(history) {
      await lock?.check();
      await writeLog(folder, history);
    },
    lastPlace: async () => ((await exists(folder.last)) ? folder.last : undefined),
  };
}

/** The store of a rank that writes nothing: another one keeps the run in `folder`. */
export const readOnlyStore = (folder: RunFolder): RunStore => ({
  saveLast: () => Promise.resolve(),
  saveBest: () => Promise.resolve(),
  saveHistory: () => Promise.resolve(),
  lastPlace: async () => ((await exists(folder.last)) ? folder.last : undefined),
});

/** Node's clock; its pause is shorter than that of a timer. */
export const nodeClock: Clock = {
  seconds: () => performance.now() / 1000,
  pause: () => new Promise((resolve) => setImmediate(resolve)),
};

/** The folder of a run as the store of its fit loop. */
import type { Clock } from "../train/clock.ts";
import type { RunStore } from "../train/runStore.ts";
import { saveCheckpoint } from "./checkpoint.node.ts";
import type { RunConfig } from "./config.ts";
import { exists, removeLeftovers, writeLog, type RunFolder } from "./runFolder.node.ts";

/**
 * Keeps a run's states as checkpoints, its history as log.jsonl. What a killed process left half written
 * is removed first.
 */
export async function openFolderStore(folder: RunFolder, config: RunConfig): Promise<RunStore> {
  await removeLeftovers(folder);
  return {
    saveLast: (state) => saveCheckpoint(folder.last, { config, ...state }),
    saveBest: (weights) => saveCheckpoint(folder.best, { config, ...weights }),
    saveHistory: (history) => writeLog(folder, history),
    lastPlace: async () => ((await exists(folder.last)) ? folder.last : undefined),
  };
}

/** Node's clock; its pause is shorter than that of a timer. */
export const nodeClock: Clock = {
  seconds: () => performance.now() / 1000,
  pause: () => new Promise((resolve) => setImmediate(resolve)),
};

/** A small model that finds phantoms, and pictures of phantoms, made once for all tests of the page. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phantom, train } from "../../src/node.ts";

export interface Trained {
  readonly folder: string;
  /** Folder of the run. */
  readonly run: string;
  readonly checkpoint: string;
  /** Folder with `images` and `masks` that the model has not seen. */
  readonly unseen: string;
}

let folderMade: string | undefined;
let made: Promise<Trained> | undefined;

/** Trains `compact` for a few epochs on a few phantoms: enough to find most of a phantom. */
export const smallModel = (): Promise<Trained> => (made ??= trainSmall());

async function trainSmall(): Promise<Trained> {
  const folder = mkdtempSync(join(tmpdir(), "sgdc-page-"));
  folderMade = folder;
  const seen = join(folder, "seen");
  const unseen = join(folder, "unseen");
  await phantom({ out: seen, count: 48, size: 96, seed: 1 });
  await phantom({ out: unseen, count: 12, size: 96, seed: 2 });
  const run = join(folder, "run");
  await train({
    out: run,
    data: { path: seen, size: 64, workers: 1 },
    training: { epochs: 4, batchSize: 8, seed: 3 },
    runtime: { threads: 2 },
  });
  return { folder, run, checkpoint: join(run, "checkpoints", "best.safetensors"), unseen };
}

process.once("exit", () => {
  // The test files share the model; which of them is the last is not known.
  if (folderMade !== undefined) rmSync(folderMade, { recursive: true, force: true });
});

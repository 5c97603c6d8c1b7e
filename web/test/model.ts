/** A small model that finds phantoms, and pictures of phantoms, made anew for the tests. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phantom, train } from "../../src/node.ts";

export interface Trained {
  readonly folder: string;
  /** Folder of the run. */
  readonly run: string;
  /** Folder with `images` and `masks` that the model has not seen. */
  readonly unseen: string;
}

/** Trains `compact` for a few epochs on a few phantoms: enough to find most of a phantom. */
export async function trainSmall(): Promise<Trained> {
  const folder = await mkdtemp(join(tmpdir(), "sgdc-page-"));
  const seen = join(folder, "seen");
  const unseen = join(folder, "unseen");
  await phantom({ out: seen, count: 48, size: 96, seed: 1 });
  await phantom({ out: unseen, count: 8, size: 96, seed: 2 });
  const run = join(folder, "run");
  await train({
    out: run,
    data: { path: seen, size: 64, workers: 1 },
    training: { epochs: 4, batchSize: 8, seed: 3 },
    runtime: { threads: 2 },
  });
  return { folder, run, unseen };
}

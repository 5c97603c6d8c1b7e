/** Runs a network with the engine's profiler on. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InternalError } from "../src/base/errors.ts";
import { createPredictor } from "../src/network/createPredictor.ts";
import { createNetworkModel } from "../src/network/networkModel.ts";
import { sessionOptions, type BenchOptions } from "./benchmark.ts";
import { drawWeights, phantomBatch, type Subject } from "./networks.ts";
import { readProfile, type Profile } from "./profile.ts";
import { recordRuns } from "./recordRuns.ts";

/** Runs that do not count: they fault pages in. */
const WARM_UP = 2;

/** The profile of `repeats` predictions of one image, or training steps of `batch` images (without the optimizer). */
export async function profileNetwork(
  subject: Subject,
  kind: "prediction" | "training",
  repeats: number,
  options: BenchOptions,
): Promise<Profile> {
  const { network, size, batch } = subject;
  const folder = await mkdtemp(join(tmpdir(), "sgdc-bench-"));
  try {
    const { runtime, models } = recordRuns();
    const session = { ...sessionOptions(options), profilePrefix: join(folder, "profile") };
    const weights = drawWeights(subject);
    const pictures = phantomBatch(batch, size);
    if (kind === "prediction") {
      const predictor = await createPredictor(runtime, {
        network,
        weights,
        size,
        maps: false,
        session,
      });
      for (let i = 0; i < WARM_UP + repeats; i++) await predictor.predict(pictures.images, 1);
      await predictor.dispose();
    } else {
      const start = { network, size: [size, size], seed: 0, start: weights, session } as const;
      const model = createNetworkModel(runtime, start);
      for (let i = 0; i < WARM_UP + repeats; i++) {
        await model.step(pictures.images, pictures.masks, batch, i);
      }
      await model.dispose();
    }
    const [model] = models;
    const [file] = await readdir(folder);
    if (!model || file === undefined) {
      throw new InternalError(`profile: the engine must write one, got no file`);
    }
    return readProfile(await readFile(join(folder, file), "utf8"), model, WARM_UP);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

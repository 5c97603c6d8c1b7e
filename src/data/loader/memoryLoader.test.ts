import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNuclei } from "../../../test/helpers/nuclei.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";
import { readSample } from "../readSample.node.ts";
import type { Batch } from "./batch.ts";
import { createLoader } from "./createLoader.node.ts";
import { memoryLoader } from "./memoryLoader.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-memory-"));
  await writeNuclei(root, { count: 5, size: 60 });
});
afterAll(() => rm(root, { recursive: true }));

const all = async (batches: AsyncIterable<Batch>): Promise<Batch[]> => {
  const list: Batch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
};

for (const fit of ["resize", "crop"] as const) {
  test(`images in memory give the batches of the loader of files, bit for bit: ${fit}`, async () => {
    const { train } = await openDataset(root, { labels: "auto" });
    const samples = [];
    for (const sample of train) {
      samples.push({ name: sample.name, ...(await readSample(sample)) });
    }
    const target = { classes: 1, boundary: true };
    const common = { batchSize: 2, seed: 3, fit, target, shuffle: true };
    const files = createLoader({
      ...common,
      ...{ samples: train, size: [48, 32], augment: true, workers: 0 },
    });
    const memory = memoryLoader(samples, { ...common, height: 48, width: 32, augment: {} });
    expect(memory.batchesPerEpoch).toBe(3);
    for (const epoch of [1, 0]) {
      expect(await all(memory.epoch(epoch))).toEqual(await all(files.epoch(epoch)));
    }
    await files.close();
    const whole = { ...common, height: 48, width: 32, dropLast: true };
    expect(memoryLoader(samples, whole).batchesPerEpoch).toBe(2);
  });
}

test("a loader of nothing is refused", () => {
  expect(() => memoryLoader([], { height: 8, width: 8, batchSize: 1, seed: 0 })).toThrow(DataError);
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluate } from "../../src/commands/evaluate.node.ts";
import type { RunOptions } from "../../src/run/config.ts";
import { train } from "../../src/commands/train.node.ts";
import { writeNuclei } from "../helpers/nuclei.ts";
import { tinyNetwork } from "./helpers/tiny.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-nuclei-"));
  await writeNuclei(join(root, "conic"), { count: 16, size: 80, seed: 3 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = (epochs: number): RunOptions => ({
  network: { name: "sgd-net", options: tinyNetwork.options },
  data: { path: join(root, "conic"), size: 64, validation: 0.25, workers: 0 },
  training: { epochs, batchSize: 4, seed: 1, classWeights: [0.5, 1, 1, 1, 1, 1, 1] },
  runtime: { device: "cpu" },
});

test("a small network learns to find nuclei from CoNIC's arrays, and tells instances and classes apart", async () => {
  const losses: number[] = [];
  const out = join(root, "run");
  const base = options(20);
  const { config, best } = await train(
    {
      ...base,
      // Averaged weights lag far behind after sixty steps.
      training: { ...base.training, learningRate: 1e-2, ema: 0 },
      out,
    },
    { onEpoch: ({ record }) => void losses.push(record.train["total"]!) },
  );
  expect(config.data.classes).toBe(6);
  expect(config.data).toMatchObject({ fit: "crop", instances: true });
  expect(config.data.classNames?.slice(0, 2)).toEqual(["neutrophil", "epithelial"]);
  // Seeds 1 to 5 with one thread and with two give 0.59 to 0.64.
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);

  const result = await evaluate({ checkpoint: out, out: join(root, "evaluation"), examples: 2 });
  expect(result.part).toBe("validation");
  expect(result.instances!.summary.perClass).toHaveLength(6);
  expect(result.classes!.summary.perClass).toHaveLength(6);
  expect(result.instances!.summary.actual).toBeGreaterThan(20);
  // Those seeds and threads give 0.79 to 0.90, and 37 to 96 nuclei; all foreground has 0.37: the middle lies far from both.
  expect(result.summary.metrics.dice.mean).toBeGreaterThan(0.58);
  expect(result.instances!.summary.predicted).toBeGreaterThan(0);
  // The epoch was chosen by what evaluation says of its weights.
  const qualities = result.instances!.summary.perClass.map(({ pooled }) => pooled.pq);
  const known = qualities.filter((pq) => !Number.isNaN(pq));
  expect(known.length).toBeGreaterThan(2);
  expect(best!.score).toBeCloseTo(known.reduce((sum, pq) => sum + pq, 0) / known.length, 9);
  const csv = await readFile(join(root, "evaluation/instances.csv"), "utf8");
  expect(csv.trim().split("\r\n").length).toBeGreaterThan(4);
});

test("the classes can be joined, and the instances left joined", async () => {
  const { config } = await train({
    ...options(1),
    training: { ...options(1).training, classWeights: undefined },
    data: { ...options(1).data, classes: 1, instances: false, fit: "resize" },
    out: join(root, "joined"),
  });
  expect(config.data.classes).toBe(1);
  expect(config.data).toMatchObject({
    fit: "resize",
    instances: false,
    classNames: ["foreground"],
  });
  const result = await evaluate({ checkpoint: join(root, "joined") });
  expect(result.classes).toBeUndefined();
  expect(result.instances).toBeUndefined();
  expect(result.summary.images).toBe(4);
});

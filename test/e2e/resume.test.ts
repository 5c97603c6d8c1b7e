import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NumericError } from "../../src/base/errors.ts";
import { readCheckpoint } from "../../src/run/checkpoint.node.ts";
import type { RunOptions } from "../../src/run/config.ts";
import type { Engine } from "../../src/network/engine.ts";
import { nodeEngine } from "../../src/network/engine.node.ts";
import { phantom } from "../../src/commands/phantom.node.ts";
import { runFolder } from "../../src/run/runFolder.node.ts";
import { train } from "../../src/commands/train.node.ts";
import type { TrainingModel } from "../../src/network/trainingModel.ts";
import { sgdc } from "./helpers/command.ts";
import { tinyNetwork } from "./helpers/tiny.ts";

let root: string;
const at = (name: string): string => join(root, name);
// Batch norm, dropout, augmentation, averaging, warm-up: everything that has a state or a random number.
const network = { name: "sgd-net", options: { ...tinyNetwork.options, dropoutRate: 0.1 } };
const options: RunOptions = {
  preset: "compact",
  network,
  data: { path: "", size: 64, validation: 0.2, workers: 1 },
  training: { epochs: 3, batchSize: 2, seed: 11 },
  // So short that every step but the last of an epoch writes a checkpoint.
  runtime: { checkpointMinutes: 1e-9 },
};
const withData = (): RunOptions => ({ ...options, data: { ...options.data, path: at("data") } });
const flags = (name: string): string[] => [
  ...["train", at("data"), "--out", at(name), "--preset", "compact", "--json"],
  ...["--size", "64", "--validation", "0.2", "--workers", "1", "--epochs", "3"],
  ...["--config", at("network.json"), "--batch-size", "2"],
  ...["--seed", "11", "--checkpoint-minutes", "1e-9"],
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-resume-"));
  await phantom({ out: at("data"), count: 12, size: 72, seed: 3 });
  await writeFile(at("network.json"), JSON.stringify({ network }));
  const { status } = await train({ ...withData(), out: at("whole") });
  expect(status).toBe("finished");
});
afterAll(() => rm(root, { recursive: true }));

/** Everything that a run leaves but times. */
async function resultOf(name: string): Promise<unknown> {
  const { best, last, log } = runFolder(at(name));
  const untimed = (record: object): object => ({ ...record, seconds: 0, imagesPerSecond: 0 });
  const states = [];
  for (const file of [best, last]) {
    const { progress, tensors } = await readCheckpoint(file);
    const { epoch, step, history, lastLoss } = progress;
    const bits = [...tensors].map(([key, { data }]) => [
      key,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
    ]);
    states.push({
      epoch,
      step,
      lastLoss,
      best: progress.best,
      history: history.map(untimed),
      bits,
    });
  }
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  return { states, log: lines.map((line) => untimed(JSON.parse(line) as object)) };
}

test("a run killed within an epoch and resumed by the command line gives the bits of one that was not", async () => {
  const secondStep = (stdout: string): boolean => /"epoch":2,[^\n]*"step":1\b/.test(stdout);
  const killed = await sgdc(flags("killed"), secondStep);
  expect(killed.signal).toBe("SIGKILL");
  const { progress } = await readCheckpoint(runFolder(at("killed")).last);
  expect(progress.epoch).toBe(1);
  const resumed = await sgdc(["train", "--out", at("killed"), "--resume", "--json"]);
  expect(resumed.stderr).toBe("");
  expect(resumed.code).toBe(0);
  expect(await resultOf("killed")).toEqual(await resultOf("whole"));
});

test("an infinite weight ends the run by name of step and images; the last good checkpoint goes on to the same bits", async () => {
  let model: TrainingModel | undefined;
  const engine: Engine = {
    ...nodeEngine,
    async openTrainingModel(config) {
      model = await nodeEngine.openTrainingModel(config);
      return model;
    },
  };
  const spoil = (): void => {
    model!.parameters.get("resnet.conv1.0.weight")![5] = Infinity;
  };
  const error: unknown = await train(
    { ...withData(), out: at("spoilt") },
    { engine, onEpoch: spoil },
  ).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(NumericError);
  expect((error as NumericError).message).toMatch(
    /^loss is NaN at step 6 \(\d+\.\d+ at step 5\); batch: \d{4}, \d{4}; the last good checkpoint is .*last\.safetensors$/,
  );
  const { progress } = await readCheckpoint(runFolder(at("spoilt")).last);
  expect([progress.epoch, progress.step]).toEqual([1, 0]);
  await train({ out: at("spoilt"), resume: true });
  expect(await resultOf("spoilt")).toEqual(await resultOf("whole"));
});

test("an absurd learning rate is named before it spoils a checkpoint", async () => {
  const args = flags("absurd").filter((flag) => flag !== "--json");
  const { code, stderr } = await sgdc([...args, "--learning-rate", "1e38", "--warmup", "0"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\nerror: (loss|gradient|weight \S+) is -?(NaN|Infinity) (at|after) step \d+/,
  );
  expect(stderr.trim().split("\n").at(-1)).toMatch(/batch: \d{4}, |lower the learning rate/);
});

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crossValidate } from "../../src/commands/crossValidate.node.ts";
import { evaluate } from "../../src/commands/evaluate.node.ts";
import { inspect } from "../../src/commands/inspect.node.ts";
import { phantom } from "../../src/commands/phantom.node.ts";
import { predict } from "../../src/commands/predict.node.ts";
import { train } from "../../src/commands/train.node.ts";
import { networks } from "../../src/models/registry.ts";
import type { Engine } from "../../src/network/engine.ts";
import { nodeEngine } from "../../src/network/engine.node.ts";
import { readCheckpoint } from "../../src/run/checkpoint.node.ts";
import type { RunOptions } from "../../src/run/config.ts";
import { readRunConfig } from "../../src/run/readRunConfig.node.ts";
import { runFolder } from "../../src/run/runFolder.node.ts";
import { writeNuclei } from "../helpers/nuclei.ts";
import { sgdc } from "./helpers/command.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-networks-"));
  await phantom({ out: at("data"), count: 10, size: 48, seed: 5 });
  await writeNuclei(at("nuclei"), { count: 8, size: 48, seed: 3 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = (path: string, size: number, epochs = 2): RunOptions => ({
  data: { path: at(path), size, validation: 0.25, workers: 0 },
  training: { epochs, batchSize: 2, seed: 2 },
  runtime: { device: "cpu" },
});

/** All arrays of the last checkpoint, bit for bit. */
async function bitsOf(folder: string): Promise<[string, string][]> {
  const { tensors } = await readCheckpoint(runFolder(folder).last);
  return [...tensors].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
  ]);
}

/** Ends after so many steps, as Ctrl-C does. */
async function trainInTwoParts(given: RunOptions, out: string, steps: number): Promise<void> {
  const stop = new AbortController();
  let seen = 0;
  const onStep = (): void => {
    if (++seen === steps) stop.abort();
  };
  const first = await train({ ...given, out }, { signal: stop.signal, onStep });
  expect(first.status).toBe("interrupted");
  expect((await train({ out, resume: true })).status).toBe("finished");
}

describe("U-Net with the recipe of compact", () => {
  const network = { name: "unet", options: { channels: 4 } };
  const given = (): RunOptions => ({ ...options("data", 32), network });

  test("trains from the command line, and resumes to the same bits", async () => {
    const flags = ["--size", "32", "--validation", "0.25", "--workers", "0", "--epochs", "2"];
    const { code, stderr } = await sgdc([
      ...["train", at("data"), "--out", at("whole"), "--network", "unet", "--channels", "4"],
      ...[...flags, "--batch-size", "2", "--seed", "2", "--device", "cpu", "--quiet"],
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    const config = await readRunConfig(runFolder(at("whole")).config);
    expect(config.network).toEqual({ name: "unet", size: "compact", options: { channels: 4 } });
    expect(config.training.optimizer).toBe("adamW");
    // No edge head, and nothing to tell apart: the edge term is not there.
    expect(config.training.lossTerms).toEqual(["bce", "dice"]);
    await trainInTwoParts(given(), at("parts"), 4);
    expect(await bitsOf(at("parts"))).toEqual(await bitsOf(at("whole")));
    expect(await readFile(runFolder(at("whole")).report, "utf8")).toContain(
      "U-Net, preset compact",
    );
  });

  test("is evaluated, predicted with and inspected", async () => {
    const result = await evaluate({ checkpoint: at("whole"), out: at("scores"), examples: 2 });
    expect(result.summary.images).toBe(3);
    expect(await readdir(at("scores"))).toEqual(
      expect.arrayContaining(["report.html", "scores.csv", "scores.json"]),
    );
    const inputs = [at("data", "images")];
    const predicted = await predict({
      checkpoint: at("whole"),
      inputs,
      out: at("masks"),
      tta: true,
    });
    expect(predicted.images).toHaveLength(10);
    const report = await inspect({ checkpoint: at("whole") });
    expect(report.network).toEqual({ name: "unet", options: { channels: 4 } });
    expect(report.parameters).toBeGreaterThan(100_000);
    expect(report.macs.products).toBe(0);
    expect(report.notes).toEqual({ parameters: [], macs: [] });
  });

  test("is cross-validated", async () => {
    const { status, summary } = await crossValidate({
      ...{ ...given(), ...options("data", 32, 1), network, out: at("folds") },
      protocol: { folds: 2 },
    });
    expect(status).toBe("finished");
    expect(summary!.images.reduce((a, b) => a + b, 0)).toBe(10);
  });

  test("tells objects apart by a channel of its own, in several classes", async () => {
    const { config } = await train({ ...options("nuclei", 32), network, out: at("objects") });
    expect(config.data).toMatchObject({ instances: true, fit: "crop", classes: 6 });
    expect(config.training.lossTerms).toContain("edge");
    const { tensors } = await readCheckpoint(runFolder(at("objects")).best);
    // The background, six classes, and the boundaries between objects.
    expect(tensors.get("outc.conv.weight")!.shape).toEqual([8, 4, 1, 1]);
    const { instances, classes } = await evaluate({ checkpoint: at("objects"), part: "all" });
    expect(instances!.summary.perClass).toHaveLength(6);
    expect(classes!.summary.perClass).toHaveLength(6);
    expect(instances!.summary.actual).toBeGreaterThan(8);
  });

  test("takes no file of encoder weights, for it has no published encoder", async () => {
    const refused = async (training: RunOptions["training"]): Promise<string> => {
      const out = at("refused");
      const error: unknown = await train({
        ...given(),
        out,
        training: { ...given().training, ...training },
      }).catch((e: unknown) => e);
      return (error as Error).message;
    };
    expect(await refused({ freezeEncoder: true })).toBe(
      "training.freezeEncoder (--freeze-encoder) must be off for unet, got on; it has no encoder that weights are published for",
    );
    expect(await refused({ encoderWeights: "some.safetensors" })).toMatch(
      /^training\.encoderWeights \(--encoder-weights\) must be left out for unet, got .*some\.safetensors; /,
    );
    expect(await refused({ lossTerms: ["edge"] })).toBe(
      "training.lossTerms (--loss-terms) must name more than edge for unet, which has no edge head with these options, got edge; take bce or dice",
    );
  });
});

describe.each(networks.filter(({ name, sizes }) => name !== "sgd-net" && "compact" in sizes))(
  "$name in its compact size",
  ({ name, sides: { multipleOf, least } }) => {
    const side = Math.ceil(Math.max(least, 32) / multipleOf) * multipleOf;

    test("learns for two epochs, by gradients that reach what they must, and predicts", async () => {
      const given = { ...options("data", side), network: { name } };
      const reached = new Set<string>();
      let all = 0;
      // Every gradient of every step is looked at on its way to the optimizer.
      const engine: Engine = {
        ...nodeEngine,
        async openTrainingModel(setup) {
          const model = await nodeEngine.openTrainingModel(setup);
          const step = model.step.bind(model);
          all = model.parameters.size;
          model.step = async (...batch) => {
            const result = await step(...batch);
            for (const [weight, gradient] of result.gradients) {
              expect(gradient.every(Number.isFinite), weight).toBe(true);
              if (gradient.some((g) => g !== 0)) reached.add(weight);
            }
            return result;
          };
          return model;
        },
      };
      await train({ ...given, out: at(`${name}-run`) }, { engine });
      const { history } = (await readCheckpoint(runFolder(at(`${name}-run`)).last)).progress;
      expect(history).toHaveLength(2);
      expect(history[1]!.train["total"]!).toBeLessThan(history[0]!.train["total"]!);
      // Parts that no loss reaches are held for their names alone, e.g. the last stage of VM-UNet V2, a ninth of its tensors.
      expect(reached.size / all).toBeGreaterThan(0.8);
      const inputs = [at("data", "images", (await readdir(at("data", "images")))[0]!)];
      const {
        images: [image],
      } = await predict({
        checkpoint: at(`${name}-run`),
        inputs,
        out: at(`${name}-masks`),
      });
      expect([image!.width, image!.height]).toEqual([48, 48]);
    });
  },
);

import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeModel, fakeSource } from "../../test/helpers/fakeModel.ts";
import { ArgumentError, DataError, NumericError } from "../base/errors.ts";
import { readSafetensors } from "../tensor/safetensors.node.ts";
import { inferenceWeights, readCheckpoint, type Checkpoint } from "../run/checkpoint.node.ts";
import { resolveConfig, type RunConfig } from "../run/config.ts";
import { fit, type FitArguments, type FitResult } from "./fit.node.ts";
import type { EpochEvent, StepEvent } from "./progress.ts";
import { prepareRunFolder, runFolder } from "../run/runFolder.node.ts";
import type { TrainingModel } from "../network/trainingModel.ts";

const size = 64;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-fit-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const configOf = (training: Partial<RunConfig["training"]> = {}, minutes = 10): RunConfig =>
  resolveConfig({
    preset: "compact",
    data: { path: "x", size },
    training: {
      epochs: 4,
      batchSize: 4,
      learningRate: 0.2,
      ema: 0.9,
      warmup: 0.25,
      ...training,
    },
    runtime: { checkpointMinutes: minutes },
  });

/** Runs the loop on fakes in `root/name`. */
async function run(
  name: string,
  config: RunConfig,
  more: Partial<FitArguments> = {},
): Promise<FitResult> {
  const path = join(root, name);
  const folder = more.resume ? runFolder(path) : await prepareRunFolder(path, false);
  return fit({
    config,
    model: fakeModel(size),
    training: fakeSource(size, 12, config.training.batchSize),
    validation: fakeSource(size, 4, 4),
    folder,
    ...more,
  });
}

const last = (name: string): string => runFolder(join(root, name)).last;

/** What must be equal, bit for bit: everything but times. */
async function resultOf(name: string): Promise<unknown> {
  const folder = runFolder(join(root, name));
  const untimed = ({ config, progress, tensors }: Checkpoint): unknown => ({
    training: config.training,
    best: progress.best,
    at: [progress.epoch, progress.step, progress.sums, progress.lastLoss],
    history: progress.history.map((r) => ({ ...r, seconds: 0, imagesPerSecond: 0 })),
    tensors: [...tensors],
  });
  const log = (await readFile(folder.log, "utf8")).trim().split("\n");
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    best: untimed(await readCheckpoint(folder.best)),
    last: untimed(await readCheckpoint(folder.last)),
    log: lines.map((line) => ({ ...line, seconds: 0, imagesPerSecond: 0 })),
  };
}

/** A signal that is aborted after some steps. */
function stopAfter(steps: number): Pick<FitArguments, "signal" | "events"> {
  const controller = new AbortController();
  let count = 0;
  const onStep = (): void => {
    if (++count === steps) controller.abort();
  };
  return { signal: controller.signal, events: { onStep } };
}

async function errorOf(action: Promise<unknown>): Promise<Error> {
  try {
    await action;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("fit", () => {
  it("learns, and keeps log and checkpoints", async () => {
    const epochs: EpochEvent[] = [];
    const steps: StepEvent[] = [];
    const events = {
      onEpoch: (event: EpochEvent) => void epochs.push(event),
      onStep: (event: StepEvent) => void steps.push(event),
    };
    const { status, progress } = await run("a", configOf(), { events });
    expect(status).toBe("finished");
    expect(progress.history).toHaveLength(4);
    expect(progress.history.at(-1)!.train["total"]).toBeLessThan(
      0.7 * progress.history[0]!.train["total"]!,
    );
    expect(progress.history.at(-1)!.validation!["dice"]).toBeGreaterThan(0.85);
    expect(epochs.map((e) => e.record.epoch)).toEqual([1, 2, 3, 4]);
    expect(steps).toHaveLength(12);
    expect(steps[4]).toMatchObject({ epoch: 2, epochs: 4, step: 2, steps: 3 });
    expect(steps[4]!.secondsLeft).toBeGreaterThan(0);
    const log = await readFile(runFolder(join(root, "a")).log, "utf8");
    expect(
      log
        .trim()
        .split("\n")
        .map((l) => JSON.parse(l) as unknown),
    ).toEqual(progress.history);
  });

  it("keeps the averaged weights as the best, under plain names", async () => {
    await run("a", configOf());
    const folder = runFolder(join(root, "a"));
    const best = await readSafetensors(folder.best);
    expect([...best.tensors.keys()]).toEqual(["head.weight", "head.bias", "norm.running_mean"]);
    const whole = await readCheckpoint(folder.last);
    const weight = inferenceWeights(whole).get("head.weight")!;
    expect(weight.shape).toEqual([1, 3]);
    expect(weight).toEqual(whole.tensors.get("ema.head.weight"));
    expect(weight).not.toEqual(whole.tensors.get("head.weight"));
    // The last epoch is the best here, so that both files hold the same average.
    expect(whole.progress.best?.epoch).toBe(4);
    expect(best.tensors.get("head.weight")).toEqual(weight);
  });

  it("gives the same bits twice", async () => {
    await run("a", configOf());
    await run("b", configOf());
    expect(await resultOf("b")).toEqual(await resultOf("a"));
  });

  it("stops early when the score does not improve", async () => {
    const config = configOf({ epochs: 30, patience: 2, learningRate: 1e-9 });
    const { status, progress } = await run("a", config);
    expect(status).toBe("stopped early");
    expect(progress.epoch).toBe(progress.best!.epoch + 2);
    const again = await run("a", config, { resume: await readCheckpoint(last("a")) });
    expect(again.status).toBe("stopped early");
    expect(again.progress.epoch).toBe(progress.epoch);
  });

  it("takes the lowest training loss as the best where nothing validates", async () => {
    const { progress } = await run("a", configOf(), { validation: undefined });
    expect(progress.history[0]).not.toHaveProperty("validation");
    expect(progress.best).toEqual({ epoch: 4, score: -progress.history[3]!.train["total"]! });
  });
});

describe("an interrupted fit", () => {
  const optimizers = ["adam", "adamW", "momentumSgd"] as const;
  for (const optimizer of optimizers) {
    it(`goes on between epochs to the same bits: ${optimizer}`, async () => {
      const config = configOf({ optimizer });
      await run("whole", config);
      const { status, progress } = await run("parts", config, stopAfter(6));
      expect(status).toBe("interrupted");
      expect([progress.epoch, progress.step]).toEqual([2, 0]);
      await run("parts", config, { resume: await readCheckpoint(last("parts")) });
      expect(await resultOf("parts")).toEqual(await resultOf("whole"));
    });
  }

  it("goes on within an epoch to the same bits, as often as need be", async () => {
    const config = configOf();
    await run("whole", config);
    let { status } = await run("parts", config, stopAfter(2));
    for (let i = 0; i < 20 && status === "interrupted"; i++) {
      const resume = await readCheckpoint(last("parts"));
      ({ status } = await run("parts", config, { resume, ...stopAfter(2) }));
    }
    expect(status).toBe("finished");
    expect(await resultOf("parts")).toEqual(await resultOf("whole"));
  });

  it("cuts a log that ran ahead of the checkpoint", async () => {
    const config = configOf();
    await run("whole", config);
    await run("parts", config, stopAfter(6));
    const { log } = runFolder(join(root, "parts"));
    await writeFile(log, `${await readFile(log, "utf8")}{"epoch":3,"half a li`);
    await run("parts", config, { resume: await readCheckpoint(last("parts")) });
    expect(await resultOf("parts")).toEqual(await resultOf("whole"));
  });

  it("refuses a checkpoint of another network, naming the tensors, before changing a file", async () => {
    await run("a", configOf(), stopAfter(6));
    const resume = await readCheckpoint(last("a"));
    const other = fakeModel(size);
    const model: TrainingModel = {
      ...other,
      parameters: new Map([...other.parameters, ["head.scale", new Float32Array(2)]]),
      shapes: new Map([...other.shapes, ["head.weight", [3, 1]]]),
    };
    const error = await errorOf(run("a", configOf(), { resume, model }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(
      [
        "checkpoint: tensors must be those of the network, got 2 that are not:",
        '  "head.weight" must be [3, 1], got [1, 3]',
        '  missing "head.scale" [2]',
      ].join("\n"),
    );
  });
});

const script = fileURLToPath(new URL("../../test/helpers/fitProcess.ts", import.meta.url));

/** Runs the loop in a process of its own; resolves with exit code and signal. */
function child(
  mode: string,
  limit = "",
): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, "--import", "tsx", script, join(root, "k"), mode];
    const [program = "", ...args] = limit
      ? ["sh", "-c", `${limit}; exec "$@"`, "sh", ...command]
      : command;
    const process_ = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    process_.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    process_.on("error", reject);
    process_.on("exit", (code, signal) => {
      resolve({ code, signal, stderr });
    });
  });
}

describe("a killed fit", () => {
  it("resumes to the same bits after kill -9 between and within checkpoints", async () => {
    await run("k-whole", configOf());
    const expected = await resultOf("k-whole");
    // Killed within an epoch, while the best and then the last checkpoint is written, then never.
    expect(await child("kill-at-step-5")).toMatchObject({ signal: "SIGKILL" });
    expect((await readCheckpoint(last("k"))).progress.epoch).toBe(1);
    for (const write of [3, 8]) {
      expect(await child(`kill-at-write-${write}`)).toMatchObject({ signal: "SIGKILL" });
      const files = await readdir(runFolder(join(root, "k")).checkpoints);
      const half = write === 3 ? ".best.safetensors.tmp-" : ".last.safetensors.tmp-";
      expect(files.some((name) => name.startsWith(half))).toBe(true);
      expect((await readCheckpoint(last("k"))).progress.epoch).toBe(1);
    }
    expect(await child("run")).toMatchObject({ code: 0, signal: null });
    expect(await resultOf("k")).toEqual(expected);
    expect((await readdir(runFolder(join(root, "k")).checkpoints)).sort()).toEqual([
      "best.safetensors",
      "last.safetensors",
    ]);
  });
});

describe.skipIf(process.platform === "win32")("a fit on a disk that takes no more", () => {
  it("says so, and keeps the checkpoints as they were", async () => {
    await child("kill-at-step-5");
    const folder = runFolder(join(root, "k"));
    const before = [await readFile(folder.best), await readFile(folder.last)];
    // No file above 512 or 1024 bytes, by the shell: less than any checkpoint.
    const { code, stderr } = await child("run", "ulimit -f 1");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /DataError: .*best\.safetensors: the file must be writable, got a file larger than .* \(EFBIG\); nothing was changed/,
    );
    expect([await readFile(folder.best), await readFile(folder.last)]).toEqual(before);
    expect((await readdir(folder.checkpoints)).sort()).toEqual([
      "best.safetensors",
      "last.safetensors",
    ]);
    expect(await child("run")).toMatchObject({ code: 0 });
  });
});

describe("a fit that goes wrong", () => {
  /** A fake whose loss or gradient is spoilt at one step, counted from 1. */
  function spoilt(step: number, what: "loss" | "gradient"): TrainingModel {
    const model = fakeModel(size);
    let count = 0;
    return {
      ...model,
      async step(images, masks, n, seed) {
        const result = await model.step(images, masks, n, seed);
        if (++count !== step) return result;
        if (what === "loss") return { ...result, terms: { total: NaN } };
        result.gradients.get("head.weight")![1] = Infinity;
        return result;
      },
    };
  }

  it("names step, loss before, images and the kept checkpoint when the loss is NaN", async () => {
    const error = await errorOf(run("a", configOf(), { model: spoilt(5, "loss") }));
    expect(error).toBeInstanceOf(NumericError);
    expect(error.message).toMatch(
      /^loss is NaN at step 5 \(0\.\d+ at step 4\); batch: img_\d+, img_\d+, img_\d+, img_\d+; the last good checkpoint is .*last\.safetensors$/,
    );
    const kept = await readCheckpoint(last("a"));
    expect(kept.progress.epoch).toBe(1);
    expect(kept.tensors.get("head.weight")!.data.every(Number.isFinite)).toBe(true);
  });

  it("sees a gradient that is not finite before it reaches the weights", async () => {
    const model = spoilt(2, "gradient");
    const error = await errorOf(run("a", configOf(), { model }));
    expect(error.message).toMatch(
      /^gradient is Infinity at step 2 \(0\.\d+ at step 1\); batch: img/,
    );
    expect(model.parameters.get("head.weight")!.every(Number.isFinite)).toBe(true);
  });

  it("sees weights that overflow before a checkpoint takes them", async () => {
    const model = fakeModel(size);
    let count = 0;
    const step: TrainingModel["step"] = async (...given) => {
      const result = await model.step(...given);
      if (++count === 5) result.gradients.get("head.bias")![0] = 3e38;
      return result;
    };
    const config = configOf({ optimizer: "momentumSgd", learningRate: 10, clipNorm: 0, ema: 0 });
    // Interrupted after step 5, in the second epoch, when a checkpoint would be written.
    const error = await errorOf(run("a", config, { model: { ...model, step }, ...stopAfter(5) }));
    expect(error.message).toMatch(
      /^weight head\.bias is -Infinity after step 5; lower the learning rate or clip gradients; the last good checkpoint is/,
    );
    expect((await readCheckpoint(last("a"))).progress).toMatchObject({ epoch: 1, step: 0 });
  });

  it("names the epoch when the validation loss is NaN, and keeps the checkpoints", async () => {
    const model = fakeModel(size);
    let count = 0;
    const evaluate: TrainingModel["evaluate"] = async (...given) => {
      const result = await model.evaluate(...given);
      return ++count === 2 ? { ...result, terms: { total: NaN } } : result;
    };
    const error = await errorOf(run("a", configOf(), { model: { ...model, evaluate } }));
    expect(error.message).toMatch(
      /^loss is NaN in validation after epoch 2; batch: img_.*last good/,
    );
    expect((await readCheckpoint(last("a"))).progress.epoch).toBe(1);
  });

  it("says why a checkpoint cannot be written, and keeps the one before", async () => {
    const folder = runFolder(join(root, "a"));
    // A folder that turns into a file: fails for every user, root included.
    const block = async (epoch: number): Promise<void> => {
      if (epoch !== 1) return;
      await rm(`${folder.checkpoints}-kept`, { recursive: true, force: true });
      const { rename } = await import("node:fs/promises");
      await rename(folder.checkpoints, `${folder.checkpoints}-kept`);
      await writeFile(folder.checkpoints, "in the way");
    };
    let blocked = false;
    const training = fakeSource(size, 12, 4, async (epoch, step) => {
      if (epoch === 1 && step === 0 && !blocked) {
        blocked = true;
        await block(epoch);
      }
    });
    const error = await errorOf(run("a", configOf(), { training }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(
      /best\.safetensors: the file must be writable, got .+; nothing was changed/,
    );
    const kept = await readCheckpoint(join(`${folder.checkpoints}-kept`, "last.safetensors"));
    expect(kept.progress.epoch).toBe(1);
  });

  it("says that a read-only folder is read-only", async () => {
    if (process.getuid?.() === 0) return; // root may write everywhere; the case above covers it
    await mkdir(join(root, "fixed"));
    await chmod(join(root, "fixed"), 0o500);
    const error = await errorOf(prepareRunFolder(join(root, "fixed", "a"), false));
    expect(error.message).toMatch(/output folder must be writable, got permission denied/);
  });

  it("refuses a folder that holds a run, unless it may be replaced", async () => {
    await run("a", configOf(), stopAfter(3));
    await writeFile(join(root, "a", "notes.txt"), "mine");
    const error = await errorOf(prepareRunFolder(join(root, "a"), false));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /a: output folder must not hold a run yet, got log\.jsonl, checkpoints; choose another folder, go on with --resume, or replace it with --overwrite$/,
    );
    await prepareRunFolder(join(root, "a"), true);
    expect((await readdir(join(root, "a"))).sort()).toEqual(["checkpoints", "notes.txt"]);
  });
});

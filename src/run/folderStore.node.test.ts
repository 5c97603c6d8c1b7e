import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeModel, fakeSource } from "../../test/helpers/fakeModel.ts";
import { ArgumentError, DataError, NumericError } from "../base/errors.ts";
import { fit, type FitArguments, type FitResult } from "../train/fit.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { readCheckpoint } from "./checkpoint.node.ts";
import { resolveConfig, type RunConfig } from "./config.ts";
import { nodeClock, openFolderStore } from "./folderStore.node.ts";
import { fitSettings } from "./recipe.ts";
import { prepareRunFolder, runFolder } from "./runFolder.node.ts";

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
    settings: fitSettings(config),
    model: fakeModel(size),
    training: fakeSource(size, 12, config.training.batchSize),
    validation: fakeSource(size, 4, 4),
    store: await openFolderStore(folder, { config }),
    clock: nodeClock,
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

describe("a fit in a folder", () => {
  it("keeps log and checkpoints, and goes on from them to the same bits", async () => {
    const config = configOf();
    const { progress } = await run("whole", config);
    const log = await readFile(runFolder(join(root, "whole")).log, "utf8");
    const lines = log.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(progress.history);
    await run("parts", config, stopAfter(5));
    await run("parts", config, { resume: await readCheckpoint(last("parts")) });
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

  it("names its last checkpoint when a loss is NaN", async () => {
    const model = fakeModel(size);
    let count = 0;
    const step: typeof model.step = async (...given) => {
      const result = await model.step(...given);
      return ++count === 5 ? { ...result, terms: { total: NaN } } : result;
    };
    const error = await errorOf(run("a", configOf(), { model: { ...model, step } }));
    expect(error).toBeInstanceOf(NumericError);
    expect(error.message).toMatch(/; the last good checkpoint is .*last\.safetensors$/);
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

describe("a folder of a run", () => {
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

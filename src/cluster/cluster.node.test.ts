import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { crossValidate } from "../commands/crossValidate.node.ts";
import { ArgumentError, DeviceError } from "../base/errors.ts";
import { fakeEngine } from "../../test/helpers/fakeEngine.ts";
import { resolveConfig } from "../run/config.ts";
import { lockFolder } from "../run/folderLock.node.ts";
import { jobsInMemory } from "./jobsInMemory.node.ts";
import type { Launched } from "./launched.ts";
import { launcherSchema, type Work } from "./launcherOptions.ts";
import { runLocally } from "./localJobs.node.ts";
import { openMpi } from "./mpi.node.ts";
import { refuseRanks } from "./openRanks.node.ts";
import { idleRanksLine, microBatchFor } from "./shareOfRank.node.ts";
import { runOnSlurm } from "./slurm.node.ts";
import { slurmScript } from "./slurmScript.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-cluster-"));
});
afterEach(() => rm(root, { recursive: true }));

const launched: Launched = { by: "openmpi", rank: 0, size: 2, local: 2 };
const work = (name: string, more: Partial<Work> = {}): Work => ({
  ...{ name, args: ["networks"] },
  isDone: () => Promise.resolve(false),
  progress: () => Promise.resolve(""),
  ...more,
});

describe("micro-batches of ranks", () => {
  const trainingOf = (batchSize: number, microBatch = 0) =>
    resolveConfig({ data: { path: "x" }, training: { batchSize, microBatch } }).training;
  const sizeFor = (batchSize: number, size: number, microBatch = 0, asked = false): number =>
    microBatchFor(
      trainingOf(batchSize, microBatch),
      asked ? { training: { microBatch } } : {},
      ...([100, { size }] as const),
    ).microBatch;

  it("are the largest that leave each rank one, and what the run has where they do", () => {
    expect(sizeFor(8, 1)).toBe(0);
    expect(sizeFor(8, 2)).toBe(4);
    expect(sizeFor(8, 3)).toBe(2);
    expect(sizeFor(16, 2, 8)).toBe(8);
    expect(sizeFor(16, 4, 8)).toBe(4);
    expect(sizeFor(16, 4, 2, true)).toBe(2);
  });

  it("are refused where a rank would have none", () => {
    expect(() => sizeFor(8, 4, 4, true)).toThrow(
      "training.microBatch (--micro-batch) must leave each of 4 ranks a part of a batch of 8, got 4; at most 2, or fewer ranks",
    );
    expect(() => sizeFor(8, 5)).toThrow(
      "training.batchSize (--batch-size) must give each of 5 ranks at least 2 images, got 8; a larger batch, or at most 4 ranks",
    );
  });

  it("of a resumed run stay, and idle ranks are told of", () => {
    expect(idleRanksLine(trainingOf(8, 4), 100, { size: 2 })).toBeUndefined();
    expect(idleRanksLine(trainingOf(8, 4), 100, { size: 3 })).toBe(
      "1 of 3 ranks have nothing to train with: the run has 2 micro-batches a batch, which decide its bits",
    );
  });
});

describe("training over MPI", () => {
  it("says which library it has looked for", async () => {
    const error: unknown = await openMpi(launched, { SGDC_MPI_LIBRARY: "/none/libmpi.so" }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DeviceError);
    // On a system that has no binary of koffi it is koffi that is missing.
    expect((error as Error).message).toMatch(
      /^training over MPI: (an MPI library must be found, got none of \/none\/libmpi\.so; install the one that the launcher belongs to \(Debian: openmpi-bin or mpich\), or name its file in SGDC_MPI_LIBRARY:|the npm package koffi must be installed, got none; npm install koffi, or start one process alone)/,
    );
  });

  it("is for trainings alone", () => {
    expect(() => {
      refuseRanks("reproduce", launched);
    }).toThrow(
      "reproduce: must be started as one process, got 2 of them; start train over MPI, or reproduce alone, with --launcher",
    );
    expect(() => {
      refuseRanks("reproduce", undefined);
    }).not.toThrow();
  });
});

describe("jobs over Slurm", () => {
  it("are an array, one task a run, that keeps a checkpoint before its time is over", () => {
    const script = slurmScript(
      [work("a", { args: ["train", "my images"] }), work("b", { args: ["train", "b"] })],
      {
        ...launcherSchema.parse({ sbatch: ["--partition=long"], jobs: 5 }),
        ...{ name: "sgdc-x", program: ["node", "main.js"], output: "/out/slurm" },
      },
    );
    expect(script).toBe(
      [
        "#!/bin/bash",
        "#SBATCH --job-name=sgdc-x",
        "#SBATCH --array=1-2%5",
        "#SBATCH --time=24:00:00",
        "#SBATCH --mem=16G",
        "#SBATCH --cpus-per-task=4",
        "#SBATCH --ntasks=1",
        "#SBATCH --output=/out/slurm/%A_%a.txt",
        "#SBATCH --signal=B:USR1@120",
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        "#SBATCH --partition=long",
        "",
        "case $SLURM_ARRAY_TASK_ID in",
        "  1) exec node main.js train 'my images' ;;",
        "  2) exec node main.js train b ;;",
        "esac",
        "",
      ].join("\n"),
    );
  });

  it("are printed and not put in with dryRun", async () => {
    const { status, script } = await crossValidate({
      ...{ out: join(root, "cv"), dryRun: true, protocol: { folds: 3 } },
      launching: { launcher: "slurm" },
    });
    expect(status).toBe("planned");
    expect(script).toMatch(
      /--array=1-3\n[^]*2\) exec .* cross-validate --out .*cv --resume --only-fold 2 ;;/,
    );
    await expect(readFile(join(root, "cv"))).rejects.toThrow(/ENOENT/);
  });

  it("need a Slurm", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = root;
    try {
      const running = runOnSlurm([work("a")], "x", root, launcherSchema.parse({}));
      await expect(running).rejects.toThrow(
        "slurm: sbatch must work, got no such program; start this on a computer of the cluster, or take --launcher local",
      );
    } finally {
      process.env["PATH"] = path;
    }
  });
});

describe("jobs of this computer", () => {
  it("are as many as there is memory for, and at least one", async () => {
    const config = resolveConfig({ data: { path: "x" } });
    const gib = 2 ** 30;
    expect(await jobsInMemory(4, [config], fakeEngine(), 2 * gib)).toBe(3);
    expect(await jobsInMemory(2, [config], fakeEngine(), 100 * gib)).toBe(2);
    expect(await jobsInMemory(4, [config], fakeEngine(), 1000)).toBe(1);
  });

  it("leave what is done, and give up what fails, saying why", async () => {
    const lines: string[] = [];
    const undone = await runLocally(
      [
        work("done", { isDone: () => Promise.resolve(true) }),
        work("bad", { args: ["train", "--out"] }),
      ],
      2,
      { onJob: (line) => lines.push(line) },
    );
    expect(undone.map(({ name }) => name)).toEqual(["bad"]);
    expect(lines[0]).toBe("bad: started");
    expect(lines[1]).toMatch(
      /^bad: failed with exit code 2: error: option '-o, --out <folder>' argument missing/,
    );
  });

  it("refuse a fold that another process is doing", async () => {
    const lock = await lockFolder(root, "fold 1");
    await expect(lockFolder(root, "fold 1")).rejects.toThrow(ArgumentError);
    await (await lockFolder(root, "fold 2")).release();
    await lock.release();
  });
});

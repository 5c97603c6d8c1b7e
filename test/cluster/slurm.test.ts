/** Jobs over Slurm, one of this computer that the test starts. */
import { execFileSync } from "node:child_process";
import { readFile, rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exists } from "../../src/run/runFolder.node.ts";
import { phantom } from "../../src/node.ts";
import { differences, resultOf, run, sgdc } from "./runs.ts";
import { slurmMissing, startSlurm, type Slurm } from "./startSlurm.ts";

const missing = slurmMissing();
let slurm: Slurm | undefined;
let root: string;
const at = (...names: string[]): string => join(root, ...names);

const flags = [
  ...["--folds", "3", "--no-near-duplicates", "--shuffle", "--seed", "5", "--epochs", "2"],
  ...["--network", "unet", "--network-size", "compact", "--size", "32", "--batch-size", "4"],
  ...["--validation", "0.25", "--threads", "1"],
  // Every step leaves a checkpoint.
  ...["--workers", "0", "--checkpoint-minutes", "1e-9"],
];
const launching = [
  ...["--launcher", "slurm", "--time", "10", "--memory", "1G", "--cores", "1"],
  ...["--jobs", "2", "--poll-seconds", "0.5"],
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-slurm-"));
  if (missing !== undefined) return;
  await phantom({ out: at("data"), count: 18, size: 40, seed: 3 });
  slurm = await startSlurm();
});
afterAll(async () => {
  await slurm?.stop();
  await rm(root, { recursive: true });
});

test("three folds over Slurm, one cancelled in the middle, give the table of one process bit for bit", async ({
  skip,
}) => {
  if (!slurm) return skip(missing);
  const { env } = slurm;
  const local = await run(sgdc("cross-validate", at("data"), "--out", at("local"), ...flags));
  expect(local.code, local.stderr).toBe(0);

  const told: string[] = [];
  let cancelled = false;
  const cancelWhenBegun = (): void => {
    const first = /"text":"job (\d+): fold 1, fold 2, fold 3"/.exec(told.at(-1) ?? "");
    if (!first || cancelled) return;
    void exists(at("jobs", "fold-2", "checkpoints", "last.safetensors")).then((begun) => {
      if (!begun || cancelled) return;
      cancelled = true;
      execFileSync("scancel", [`${first[1]!}_2`], { env: { ...process.env, ...env } });
    });
  };
  const timer = setInterval(cancelWhenBegun, 20);
  const over = await run(
    sgdc("cross-validate", at("data"), "--out", at("jobs"), ...flags, ...launching, "--json"),
    (stdout) => {
      told.push(stdout);
    },
    env,
  ).finally(() => {
    clearInterval(timer);
  });
  expect(over.code, over.stderr).toBe(0);
  expect(cancelled).toBe(true);
  const jobs = [...over.stdout.matchAll(/"text":"job (\d+): ([^"]*)"/g)].map(([, , of]) => of);
  expect(jobs).toEqual(["fold 1, fold 2, fold 3", "fold 2"]);
  for (const fold of ["fold-1", "fold-2", "fold-3"]) {
    const [one, other] = [await resultOf(at("local", fold)), await resultOf(at("jobs", fold))];
    expect(differences(one, other), fold).toEqual([]);
  }
  for (const file of ["folds.csv", "scores.csv", "report.md"]) {
    expect(await readFile(at("jobs", file), "utf8"), file).toBe(
      await readFile(at("local", file), "utf8"),
    );
  }
});

/**
 * Kills of a training over MPI: a rank, rank 0 and the launcher are killed with -9 at random moments, in turn, and the run is resumed
 * by two ranks or by one process. No file may ever be broken, and what comes out must equal, bit for bit, a training of one process
 * that nobody disturbed.
 *
 *     npx tsx test/rankKills.ts [kills of each, 10] [seed, 1]
 *
 * Not part of `npm test`: ten of each take some ten minutes. Uses the first MPI that it finds; `SGDC_TEST_MPI=MPICH` another.
 */
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phantom, readCheckpoint, runFolder } from "../src/node.ts";
import { Random } from "../src/index.ts";
import { exists } from "../src/run/runFolder.node.ts";
import { launchers } from "./cluster/launchers.ts";
import { differences, resultOf, run, sgdc } from "./cluster/runs.ts";

const [each = 10, seed = 1] = process.argv.slice(2, 4).map(Number);
const wanted = process.env["SGDC_TEST_MPI"];
const launcher = launchers.find(({ name, start }) => start && (!wanted || name === wanted));
if (!launcher?.start) throw new Error(launchers.map(({ missing }) => missing).join("; "));
const { start } = launcher;
const victims = ["rank 1", "rank 0", "launcher"] as const;
const kills = victims.length * each;

const root = await mkdtemp(join(tmpdir(), "sgdc-rank-kills-"));
const [data, whole, chain] = [join(root, "data"), join(root, "whole"), join(root, "chain")];
const flags = [
  ...["--network", "unet", "--network-size", "compact", "--size", "32"],
  ...["--batch-size", "4", "--micro-batch", "2", "--epochs", String(2 * kills), "--seed", "5"],
  ...["--threads", "1", "--workers", "0", "--validation", "0.25", "--no-near-duplicates"],
  // Every step leaves a checkpoint.
  ...["--checkpoint-minutes", "1e-9", "--json"],
];

const children = (pid: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const line = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
const below = (pid: number): number[] => children(pid).flatMap((child) => [child, ...below(child)]);

/** The process of a rank below the launcher. */
function rankBelow(pid: number, rank: number): number | undefined {
  return below(pid).find((child) => {
    try {
      const variables = readFileSync(`/proc/${child}/environ`, "utf8").split("\0");
      return (
        variables.includes(`OMPI_COMM_WORLD_RANK=${rank}`) || variables.includes(`PMI_RANK=${rank}`)
      );
    } catch {
      return false;
    }
  });
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await phantom({ out: data, count: 12, size: 40, seed: 3 });
const undisturbed = await run(sgdc("train", data, "--out", whole, ...flags));
if (undisturbed.code !== 0) throw new Error(`the undisturbed run failed: ${undisturbed.stderr}`);

const random = Random.of("rankKills", seed);
const said = new Map<string, number>();
for (let kill = 0; kill < kills; kill++) {
  const victim = victims[kill % victims.length]!;
  const begun = await exists(runFolder(chain).config);
  const args = begun
    ? ["train", "--out", chain, "--resume", "--json"]
    : ["train", data, "--out", chain, ...flags];
  let killed: { at: number; ranks: number[] } | undefined;
  const wait = random.next() * 150;
  const { stderr, code } = await run([...start(2), ...sgdc(...args)], (stdout, child) => {
    if (killed || !stdout.includes('"event":"step"')) return;
    const launcherPid = child.pid!;
    killed = { at: performance.now(), ranks: below(launcherPid) };
    setTimeout(() => {
      const pid =
        victim === "launcher" ? launcherPid : rankBelow(launcherPid, victim === "rank 0" ? 0 : 1);
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    }, wait);
  });
  if (!killed) throw new Error(`kill ${kill}: no step: ${stderr}`);
  // Ranks whose launcher is gone end by themselves, or go on to the end and hold the folder.
  const ended = performance.now();
  while (killed.ranks.some(alive) && performance.now() - ended < 10_000) await pause(100);
  const orphans = killed.ranks.filter(alive);
  for (const pid of orphans) process.kill(pid, "SIGKILL");
  const { progress } = await readCheckpoint(runFolder(chain).last);
  if (/go on with --resume/.test(stderr)) said.set(victim, (said.get(victim) ?? 0) + 1);
  process.stdout.write(
    `kill ${kill + 1}, ${victim}: exit code ${code ?? "none"}, ${orphans.length} ranks outlived it by 10 s; at epoch ${progress.epoch}, step ${progress.step}\n`,
  );
  // Every third time one process goes on for a while.
  if (kill % 3 !== 2) continue;
  await run(sgdc("train", "--out", chain, "--resume", "--json"), (stdout, child) => {
    if (stdout.includes('"event":"step"')) child.kill("SIGTERM");
  });
}
const end = await run([...start(2), ...sgdc("train", "--out", chain, "--resume", "--json")]);
if (end.code !== 0) throw new Error(`the last resume failed: ${end.stderr}`);
const wrong = differences(await resultOf(whole), await resultOf(chain));
const left = [...(await readdir(chain)), ...(await readdir(join(chain, "checkpoints")))].filter(
  (name) => name.startsWith("."),
);
process.stdout.write(
  `${launcher.name}: ${kills} kills, ${each} of each; ${wrong.length} parts differ; leftovers: ${left.join(", ") || "none"}; told how to go on: ${JSON.stringify([...said])}\n`,
);
await rm(root, { recursive: true });
process.exitCode = wrong.length + left.length > 0 ? 1 : 0;

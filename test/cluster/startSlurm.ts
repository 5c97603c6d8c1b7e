/** A Slurm of one computer for tests: munged, slurmctld and slurmd in a folder of their own, as root, without accounting. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, hostname, totalmem } from "node:os";
import { join } from "node:path";

export interface Slurm {
  /** What `sbatch` and the like need to find it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo"];

/** Why it cannot be started here; undefined if it can. */
export function slurmMissing(): string | undefined {
  const missing = programs.filter((program) => {
    try {
      execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${program}`]);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0)
    return `no Slurm was found: ${missing.join(", ")} (Debian: slurmctld slurmd slurm-client munge)`;
  return process.getuid?.() === 0 ? undefined : "Slurm's daemons can be started by root only";
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  });

/** Starts it, and waits until its node takes jobs. */
export async function startSlurm(): Promise<Slurm> {
  // Munge wants no folder above its files that others may write to, and a short path for its socket.
  const root = await mkdtemp("/run/sgdc-slurm-");
  const at = (name: string): string => join(root, name);
  const [controllerPort, nodePort] = [await freePort(), await freePort()];
  const host = hostname().split(".")[0]!;
  await mkdir(at("state"));
  await mkdir(at("spool"));
  await writeFile(at("munge.key"), randomBytes(1024), { mode: 0o400 });
  const socket = at("munge.socket");
  const cores = Math.max(2, availableParallelism());
  const lines = [
    "ClusterName=test",
    `SlurmctldHost=${host}(127.0.0.1)`,
    "SlurmUser=root",
    "SlurmdUser=root",
    "AuthType=auth/munge",
    "CredType=cred/munge",
    `AuthInfo=socket=${socket}`,
    `SlurmctldPort=${controllerPort}`,
    `SlurmdPort=${nodePort}`,
    `StateSaveLocation=${at("state")}`,
    `SlurmdSpoolDir=${at("spool")}`,
    `SlurmctldPidFile=${at("slurmctld.pid")}`,
    `SlurmdPidFile=${at("slurmd.pid")}`,
    `SlurmctldLogFile=${at("slurmctld.log")}`,
    `SlurmdLogFile=${at("slurmd.log")}`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core_Memory",
    "AccountingStorageType=accounting_storage/none",
    "JobAcctGatherType=jobacct_gather/none",
    "MpiDefault=none",
    "ReturnToService=2",
    "KillWait=5",
    "MinJobAge=10",
    "SchedulerParameters=batch_sched_delay=0,sched_interval=1",
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cores} RealMemory=${Math.floor(totalmem() / 2 ** 21)} State=UNKNOWN`,
    `PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
  ];
  await writeFile(at("slurm.conf"), `${lines.join("\n")}\n`);
  const env = {
    SLURM_CONF: at("slurm.conf"),
    PATH: `${process.env["PATH"] ?? ""}:/usr/sbin`,
  };
  const daemons: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]): void => {
    daemons.push(spawn(program, args, { env: { ...process.env, ...env }, stdio: "ignore" }));
  };
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.reverse()) {
      if (daemon.exitCode !== null) continue;
      const gone = new Promise((resolve) => daemon.once("exit", resolve));
      daemon.kill("SIGTERM");
      const late = setTimeout(() => daemon.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(late);
    }
    await rm(root, { recursive: true, force: true });
  };
  start(
    ...(["munged", "--foreground", "--force", `--socket=${socket}`] as const),
    ...[`--key-file=${at("munge.key")}`, `--pid-file=${at("munged.pid")}`],
    ...[`--log-file=${at("munged.log")}`, `--seed-file=${at("munged.seed")}`],
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  start("slurmctld", "-D", "-c");
  start("slurmd", "-D", "-N", host);
  for (let tries = 0; tries < 60; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    try {
      const states = execFileSync("sinfo", ["--noheader", "--format=%T"], {
        env: { ...process.env, ...env },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      if (/^idle/.test(states)) return { env, stop };
    } catch {
      // It does not listen yet.
    }
  }
  const logs = await Promise.all(
    ["munged.log", "slurmctld.log", "slurmd.log"].map((name) =>
      readFile(at(name), "utf8").catch(() => `no ${name}`),
    ),
  );
  await stop();
  throw new Error(`Slurm did not come up:\n${logs.join("\n").slice(-4000)}`);
}

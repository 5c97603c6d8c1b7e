/** Trainings as jobs of Slurm: put in as an array, followed, put in again when they were killed. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { DeviceError } from "../base/errors.ts";
import { atomicWriteFile, makeFolder } from "../base/files.node.ts";
import {
  mostTries,
  type LauncherHooks,
  type LauncherOptions,
  type Work,
} from "./launcherOptions.ts";
import { programOfJobs } from "./program.node.ts";
import { slurmScript } from "./slurmScript.ts";

/** Jobs that were put in, so that another launcher follows them instead of putting them in twice. */
const jobsSchema = z.array(z.strictObject({ job: z.string(), works: z.array(z.string()) }));
type Jobs = z.output<typeof jobsSchema>;

/** The script that would be put in. @param out  the folder of all works */
export const scriptOf = (
  works: readonly Work[],
  name: string,
  out: string,
  options: LauncherOptions,
): string =>
  slurmScript(works, {
    ...options,
    name,
    program: programOfJobs(),
    output: join(resolve(out), "slurm"),
  });

/**
 * Has Slurm do all works. Returns when each is done, has failed too often, or `signal` was given; jobs in the queue stay there
 * then.
 *
 * @returns the works that are not done
 * @throws {DeviceError} if Slurm takes no jobs.
 */
export async function runOnSlurm(
  works: readonly Work[],
  name: string,
  out: string,
  options: LauncherOptions,
  { onJob, signal }: LauncherHooks = {},
): Promise<readonly Work[]> {
  const folder = join(resolve(out), "slurm");
  await makeFolder(folder);
  const file = join(folder, "jobs.json");
  let jobs = await readJobs(file);
  const tries = new Map<Work, { count: number; at: string }>();
  const given = new Set<Work>();
  for (;;) {
    const open: Work[] = [];
    for (const work of works) if (!(await work.isDone())) open.push(work);
    for (const work of given) if (await work.isDone()) given.delete(work);
    if (signal?.aborted || open.every((work) => given.has(work))) return open;

    const queued = await queuedWorks(jobs);
    const waiting: Work[] = [];
    for (const work of queued ? open : []) {
      if (queued!.has(work.name) || given.has(work)) continue;
      const at = await work.progress();
      const before = tries.get(work);
      const count = before?.at === at ? before.count + 1 : 1;
      tries.set(work, { count, at });
      // What ended between the two looks may be done by now.
      if (await work.isDone()) continue;
      if (count > mostTries) {
        given.add(work);
        onJob?.(
          `${work.name}: given up after ${mostTries} jobs that came no further; see ${folder}`,
        );
      } else waiting.push(work);
    }
    if (waiting.length > 0) {
      const script = join(folder, "job.sh");
      await atomicWriteFile(script, scriptOf(waiting, name, out, options));
      const job = (await slurm("sbatch", ["--parsable", script])).trim().split(";")[0]!;
      const names = waiting.map((work) => work.name);
      jobs = [...jobs, { job, works: names }];
      await atomicWriteFile(file, `${JSON.stringify(jobs, null, 1)}\n`);
      onJob?.(`job ${job}: ${names.join(", ")}`);
    }
    await pause(options.pollSeconds, signal);
  }
}

async function readJobs(file: string): Promise<Jobs> {
  const text = await readFile(file, "utf8").catch(() => "[]");
  try {
    return jobsSchema.parse(JSON.parse(text));
  } catch {
    // Jobs that nobody knows of any more do no harm: what is held by a process is refused to the next.
    return [];
  }
}

/** Names of the works that are in the queue or run; undefined if Slurm does not answer. */
async function queuedWorks(jobs: Jobs): Promise<Set<string> | undefined> {
  const names = new Set<string>();
  if (jobs.length === 0) return names;
  const ids = jobs.map(({ job }) => job).join(",");
  let text: string;
  try {
    // Every user's jobs, with those that are just ending: they may still write.
    const states =
      "PENDING,RUNNING,SUSPENDED,COMPLETING,CONFIGURING,REQUEUED,REQUEUE_HOLD,RESIZING,STOPPED,SIGNALING,STAGE_OUT";
    text = await slurm("squeue", [
      "--noheader",
      "--array",
      `--jobs=${ids}`,
      `--states=${states}`,
      "--format=%i",
    ]);
  } catch (error) {
    if (/invalid job id/i.test((error as Error).message)) return names;
    return undefined;
  }
  for (const line of text.split("\n")) {
    const [job, task] = line.trim().split("_");
    const work = jobs.find((each) => each.job === job)?.works[Number(task) - 1];
    if (work !== undefined) names.add(work);
  }
  return names;
}

function slurm(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: "utf8" }, (error, stdout, stderr) => {
      if (!error) {
        resolve(stdout);
        return;
      }
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const got = missing ? "no such program" : stderr.trim() || error.message;
      reject(
        new DeviceError(
          `slurm: ${program} must work, got ${got}; ${missing ? "start this on a computer of the cluster, or take --launcher local" : "see what sinfo says, or change --time, --memory, --cores, --sbatch"}`,
          { cause: error },
        ),
      );
    });
  });
}

const pause = (seconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, 1000 * seconds);
    signal?.addEventListener("abort", end);
  });

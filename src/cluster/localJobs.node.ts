/** Trainings as processes of this computer, some at a time. */
import { spawn } from "node:child_process";
import { mostTries, type LauncherHooks, type Work } from "./launcherOptions.ts";
import { programOfJobs } from "./program.node.ts";

/** Between two looks at a work that another process is doing. */
const waitMs = 1000;

/**
 * Does all works, `jobs` at a time, each by a process of its own. One that was killed is started again and goes on; one that fails is
 * not. What another process is doing is waited for.
 *
 * @returns the works that are not done
 */
export async function runLocally(
  works: readonly Work[],
  jobs: number,
  { onJob, signal }: LauncherHooks = {},
): Promise<readonly Work[]> {
  const left = [...works];
  const undone: Work[] = [];
  const worker = async (): Promise<void> => {
    for (let work = left.shift(); work !== undefined; work = left.shift()) {
      const failure = await doWork(work, { ...(onJob && { onJob }), ...(signal && { signal }) });
      if (failure === undefined) continue;
      undone.push(work);
      if (failure !== "") onJob?.(`${work.name}: ${failure}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, works.length) }, worker));
  return undone;
}

/** Does one work. @returns why it is not done, nothing if it is so by `signal`; undefined if it is done */
async function doWork(
  { name, args, isDone, progress }: Work,
  { onJob, signal }: LauncherHooks,
): Promise<string | undefined> {
  let count = 0;
  let at: string | undefined;
  for (;;) {
    if (await isDone()) return undefined;
    if (signal?.aborted) return "";
    const now = await progress();
    count = now === at ? count + 1 : 1;
    at = now;
    if (count > mostTries) return `given up after ${mostTries} processes that came no further`;
    onJob?.(`${name}: ${count === 1 ? "started" : "started again"}`);
    const { code, killed, stderr } = await processOf(args, signal);
    if (await isDone()) {
      onJob?.(`${name}: done`);
      return undefined;
    }
    if (signal?.aborted) return "";
    if (/must be used by one process at a time/.test(stderr)) {
      count--;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    } else if (!killed) {
      const said = stderr.trim().split("\n").at(-1) ?? "";
      return `failed with exit code ${code ?? "none"}: ${said}`;
    }
  }
}

interface Ended {
  readonly code: number | null;
  readonly killed: boolean;
  readonly stderr: string;
}

function processOf(args: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  const [node = "", ...first] = programOfJobs();
  return new Promise((resolve, reject) => {
    const child = spawn(node, [...first, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    // The child ends after its step, with a checkpoint.
    const stop = (): void => void child.kill("SIGTERM");
    signal?.addEventListener("abort", stop);
    child.stderr.on("data", (text: Buffer) => {
      stderr = (stderr + text.toString()).slice(-10_000);
    });
    child.on("error", reject);
    child.on("close", (code, by) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code, killed: by !== null, stderr });
    });
  });
}

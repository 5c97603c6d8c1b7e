/** The batch script of an array of trainings. */
import type { LauncherOptions, Work } from "./launcherOptions.ts";

export interface ScriptOptions extends Pick<
  LauncherOptions,
  "time" | "memory" | "cores" | "jobs" | "sbatch"
> {
  readonly name: string;
  /** Program and first arguments that `Work.args` follow. */
  readonly program: readonly string[];
  /** Folder for what the jobs print. */
  readonly output: string;
}

/** Seconds before the end of a job's time at which it is asked to end after the step under way. */
const warningSeconds = 120;

/**
 * A script for `sbatch`: task i of the array does works[i - 1].
 *
 * The warning goes to the script itself, which the training has replaced: it then keeps a checkpoint and ends. A preempted job is put
 * in again by Slurm, and goes on from its checkpoint.
 */
export function slurmScript(works: readonly Work[], options: ScriptOptions): string {
  const { name, program, output, time, memory, cores, jobs, sbatch = [] } = options;
  const quoted = (word: string): string =>
    /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  const atOnce = jobs === undefined ? "" : `%${jobs}`;
  return [
    "#!/bin/bash",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=1-${works.length}${atOnce}`,
    `#SBATCH --time=${time}`,
    `#SBATCH --mem=${memory}`,
    `#SBATCH --cpus-per-task=${cores}`,
    "#SBATCH --ntasks=1",
    `#SBATCH --output=${output.includes(" ") ? `"${output}"` : output}/%A_%a.txt`,
    `#SBATCH --signal=B:USR1@${warningSeconds}`,
    "#SBATCH --requeue",
    "#SBATCH --open-mode=append",
    ...sbatch.map((option) => `#SBATCH ${option}`),
    "",
    "case $SLURM_ARRAY_TASK_ID in",
    ...works.map(
      ({ args }, i) => `  ${i + 1}) exec ${[...program, ...args].map(quoted).join(" ")} ;;`,
    ),
    "esac",
    "",
  ].join("\n");
}

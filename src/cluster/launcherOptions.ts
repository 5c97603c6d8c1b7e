/** Who runs the trainings of a cross-validation or a table: this computer, or the job system of a cluster. */
import { z } from "zod";

export const launcherSchema = z.strictObject({
  launcher: z
    .enum(["local", "slurm"])
    .default("local")
    .describe("who runs the trainings: this computer, or Slurm"),
  jobs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("trainings at a time (default: local 1, in this process; slurm as many as it likes)"),
  time: z
    .string()
    .regex(/^(\d+-)?\d+(:\d+){0,2}$/)
    .default("24:00:00")
    .describe("slurm: limit of a job; what is not done by then is put in again and goes on"),
  memory: z
    .string()
    .regex(/^\d+[KMGT]?$/)
    .default("16G")
    .describe("slurm: memory of a job"),
  cores: z.int().min(1).max(1024).default(4).describe("slurm: cores of a job"),
  sbatch: z
    .array(z.string().regex(/^--?\w/))
    .optional()
    .describe("slurm: other options of sbatch, e.g. --partition=long,--account=lab"),
  pollSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(15)
    .describe("slurm: seconds between looks at the queue"),
});

export type LauncherOptions = z.output<typeof launcherSchema>;

/** One training with its test, which a process of its own can do. */
export interface Work {
  /** Its name, e.g. `fold 3`. */
  readonly name: string;
  /** Arguments of `sgdc` that do it from wherever it stands. They refuse what another process is doing, and leave what is done. */
  readonly args: readonly string[];
  readonly isDone: () => Promise<boolean>;
  /** Something that is another value when the training has come further. */
  readonly progress: () => Promise<string>;
}

/** What watches and ends a launcher. */
export interface LauncherHooks {
  /** What happens, e.g. `fold 2: started`. */
  readonly onJob?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Times that a work is started again without having come further. */
export const mostTries = 3;

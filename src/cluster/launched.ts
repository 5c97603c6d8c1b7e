/** What an MPI launcher or `srun` says in the environment of the processes that it starts. */

export interface Launched {
  /** Of this process, from 0. */
  readonly rank: number;
  readonly size: number;
  /** Processes on this computer. */
  readonly local: number;
  /** Whose variables these are, which decides the library that is tried first. */
  readonly by: "openmpi" | "pmi" | "slurm";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How this process was started; undefined where it is on its own, or the only one.
 *
 * `pmi`: MPICH and what descends from it, and `srun --mpi=pmi2`. `slurm`: any other `srun` of several tasks.
 */
export function launchedAs(env: Environment): Launched | undefined {
  const number = (name: string): number | undefined => {
    const value = env[name] === undefined || env[name] === "" ? NaN : Number(env[name]);
    return Number.isInteger(value) ? value : undefined;
  };
  const from = (by: Launched["by"], rank: string, size: string, local: string) => {
    const [r, s] = [number(rank), number(size)];
    if (r === undefined || s === undefined || s < 2) return undefined;
    return { by, rank: r, size: s, local: number(local) ?? 1 };
  };
  return (
    from("openmpi", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE") ??
    from("pmi", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS") ??
    (env["SLURM_STEP_ID"] === undefined
      ? undefined
      : from("slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_TASKS_PER_NODE"))
  );
}

/** The MPI launchers of this computer, for tests; what is not there is skipped by its reason. */
import { spawnSync } from "node:child_process";

export interface Launcher {
  readonly name: "Open MPI" | "MPICH";
  /** Program and arguments that start n processes, to be followed by what they run; undefined if it was not found. */
  readonly start: ((n: number) => readonly string[]) | undefined;
  readonly missing: string;
}

const found = (programs: readonly string[], version: RegExp): string | undefined =>
  programs.find((program) => {
    const { stdout, stderr } = spawnSync(program, ["--version"], { encoding: "utf8" });
    return version.test(`${stdout}${stderr}`);
  });

const openMpi = found(["mpirun.openmpi", "mpirun"], /Open ?(MPI|RTE)/);
const mpich = found(["mpirun.mpich", "mpiexec.hydra", "mpirun"], /HYDRA/);

export const launchers: readonly Launcher[] = [
  {
    name: "Open MPI",
    start:
      openMpi === undefined
        ? undefined
        : (n) => [openMpi, "--allow-run-as-root", "--oversubscribe", "-n", String(n)],
    missing: "no mpirun of Open MPI was found (Debian: openmpi-bin)",
  },
  {
    name: "MPICH",
    start: mpich === undefined ? undefined : (n) => [mpich, "-n", String(n)],
    missing: "no mpirun of MPICH was found (Debian: mpich)",
  },
];

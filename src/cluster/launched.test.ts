import { expect, it } from "vitest";
import { launchedAs } from "./launched.ts";

it("knows the processes of mpirun and srun, and none of one that is on its own", () => {
  expect(
    launchedAs({
      OMPI_COMM_WORLD_RANK: "2",
      OMPI_COMM_WORLD_SIZE: "4",
      OMPI_COMM_WORLD_LOCAL_SIZE: "2",
    }),
  ).toEqual({ by: "openmpi", rank: 2, size: 4, local: 2 });
  expect(launchedAs({ PMI_RANK: "0", PMI_SIZE: "3", MPI_LOCALNRANKS: "3" })).toEqual({
    ...{ by: "pmi", rank: 0, size: 3, local: 3 },
  });
  const step = { SLURM_STEP_ID: "0", SLURM_PROCID: "1", SLURM_STEP_NUM_TASKS: "2" };
  expect(launchedAs({ ...step, SLURM_TASKS_PER_NODE: "2(x1)" })).toEqual({
    ...{ by: "slurm", rank: 1, size: 2, local: 1 },
  });
  // A batch script, and a launcher of one process.
  expect(launchedAs({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toBeUndefined();
  expect(launchedAs({ OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "1" })).toBeUndefined();
  expect(launchedAs({})).toBeUndefined();
});

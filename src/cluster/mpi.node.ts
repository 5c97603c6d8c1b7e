/** The calls of an MPI library that training needs, whichever implementation it is. */
import { basename } from "node:path";
import { DeviceError } from "../base/errors.ts";
import type { Launched } from "./launched.ts";

/** What is used of koffi. Its own types are not imported: who has not installed it must be able to compile. */
interface Koffi {
  load(path: string, options: { readonly global: boolean; readonly lazy: boolean }): Library;
}

interface Library {
  symbol(name: string): unknown;
  func(name: string, result: string, parameters: readonly string[]): Native;
}

interface Native {
  (...values: readonly unknown[]): number;
  async(...values: readonly unknown[]): void;
}

/** An MPI library after MPI_Init. Byte counts and offsets are in bytes. */
export interface Mpi {
  /** As it calls itself, e.g. `Open MPI v4.1.4`. */
  readonly name: string;
  readonly rank: number;
  readonly size: number;
  /** `MPI_Allgatherv` of bytes. */
  allGather(
    own: Uint8Array,
    all: Uint8Array,
    counts: Int32Array,
    starts: Int32Array,
  ): Promise<void>;
  /** `MPI_Alltoallv` of bytes; what goes to or comes from rank r has counts[r] bytes at starts[r]. */
  allToAll(
    own: Uint8Array,
    to: Readonly<{ counts: Int32Array; starts: Int32Array }>,
    all: Uint8Array,
    from: Readonly<{ counts: Int32Array; starts: Int32Array }>,
  ): Promise<void>;
  /** Waits for all ranks. */
  finalize(): void;
  /** Ends all ranks at once. */
  abort(code: number): void;
}

/** Where implementations differ: what a handle is, and what the handles and constants are. */
interface Abi {
  readonly handle: string;
  readonly world: unknown;
  readonly byte: unknown;
  /** MPI_THREAD_SERIALIZED: calls come from several threads, one at a time. */
  readonly serialized: number;
}

/** Libraries by launcher, the most likely first. */
const candidates: Readonly<Record<Launched["by"], readonly string[]>> = (() => {
  const openMpi = ["libmpi.so.40", "libmpi.so"];
  const mpich = ["libmpich.so.12", "libmpi.so.12"];
  const standard = ["libmpi_abi.so.1", "libmpi_abi.so.0", "libmpi_abi.so"];
  const mac = ["libmpi.40.dylib", "libmpi.12.dylib", "libmpi_abi.dylib"];
  return {
    openmpi: [...openMpi, ...standard, ...mac],
    pmi: [...mpich, ...standard, ...mac],
    slurm: [...openMpi, ...mpich, ...standard, ...mac],
  };
})();

/** The environment variable that names another library. */
export const libraryVariable = "SGDC_MPI_LIBRARY";

/**
 * Loads the MPI library of the launcher and calls MPI_Init, which can be done once in a process.
 *
 * @throws {DeviceError} if koffi or the library is missing, or the library is not the one that the launcher belongs to.
 */
export async function openMpi(
  launched: Launched,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Mpi> {
  const koffi = await loadKoffi();
  const given = env[libraryVariable];
  const names = given ? [given] : candidates[launched.by];
  const { library, file } = loadFirst(koffi, names);
  const abi = abiOf(library, file);
  const { handle, world, byte } = abi;
  const func = (name: string, ...parameters: readonly string[]): Native =>
    library.func(name, "int", parameters);
  const call = (name: string, native: Native, ...values: readonly unknown[]): void => {
    const code = native(...values);
    if (code !== 0) throw new DeviceError(`${file}: ${name} must succeed, got error ${code}`);
  };

  const provided = new Int32Array(1);
  const init = func("MPI_Init_thread", "void *", "void *", "int", "void *");
  call("MPI_Init_thread", init, null, null, abi.serialized, provided);
  const number = (name: string): number => {
    const value = new Int32Array(1);
    call(name, func(name, handle, "void *"), world, value);
    return value[0]!;
  };
  const [rank, size] = [number("MPI_Comm_rank"), number("MPI_Comm_size")];
  const finalize = func("MPI_Finalize");
  const name = versionOf(library);
  if (size !== launched.size) {
    call("MPI_Finalize", finalize);
    throw new DeviceError(
      `${file} (${name}): MPI must see the ${launched.size} processes that were started, got ${size}; ${
        launched.by === "slurm"
          ? "start them with srun --mpi=pmix or --mpi=pmi2, as the library wants it, or with mpirun"
          : `start them with the mpirun of this library, or name the launcher's own in ${libraryVariable}`
      }`,
    );
  }

  // Calls wait in a thread of their own: this one goes on with timers and signals. Where the library wants one thread, here.
  const threaded = provided[0]! >= abi.serialized;
  // Arrays that the library reads and writes: without another user they would be collected meanwhile.
  const held = new Set<unknown>();
  const wait = (what: string, native: Native, ...values: readonly unknown[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null, code: number): void => {
        held.delete(values);
        if (error) reject(error);
        else if (code === 0) resolve();
        else reject(new DeviceError(`${file}: ${what} must succeed, got error ${code}`));
      };
      held.add(values);
      if (threaded) native.async(...values, done);
      else done(null, native(...values));
    });
  const part = ["void *", "void *", "void *", handle] as const;
  const gatherv = func("MPI_Allgatherv", "void *", "int", handle, ...part, handle);
  const allToAllv = func("MPI_Alltoallv", ...part, ...part, handle);
  const abort = func("MPI_Abort", handle, "int");
  return {
    ...{ name, rank, size },
    allGather: (own, all, counts, starts) =>
      wait("MPI_Allgatherv", gatherv, own, own.length, byte, all, counts, starts, byte, world),
    allToAll: (own, to, all, from) =>
      wait(
        ...(["MPI_Alltoallv", allToAllv, own, to.counts, to.starts, byte] as const),
        ...[all, from.counts, from.starts, byte, world],
      ),
    finalize() {
      call("MPI_Finalize", finalize);
    },
    abort(code) {
      abort(world, code);
    },
  };
}

const koffiName: string = "koffi";

async function loadKoffi(): Promise<Koffi> {
  try {
    const module = (await import(koffiName)) as { readonly default: Koffi };
    return module.default;
  } catch (cause) {
    throw new DeviceError(
      "training over MPI: the npm package koffi must be installed, got none; npm install koffi, or start one process alone",
      { cause },
    );
  }
}

function loadFirst(
  koffi: Koffi,
  names: readonly string[],
): { readonly library: Library; readonly file: string } {
  const reasons: string[] = [];
  for (const file of names) {
    try {
      // Its plugins look for its symbols among those of the whole process.
      return { library: koffi.load(file, { global: true, lazy: true }), file };
    } catch (error) {
      reasons.push(`  ${(error as Error).message.split("\n")[0] ?? file}`);
    }
  }
  throw new DeviceError(
    `training over MPI: an MPI library must be found, got none of ${names.join(", ")}; install the one that the launcher belongs to (Debian: openmpi-bin or mpich), or name its file in ${libraryVariable}:\n${reasons.join("\n")}`,
  );
}

/** Handles are pointers to exported variables in Open MPI, numbers in MPICH, numbers as pointers in the standard ABI of MPI 5. */
function abiOf(library: Library, file: string): Abi {
  if (basename(file).includes("mpi_abi")) {
    return { handle: "intptr_t", world: 0x101, byte: 0x247, serialized: 2048 };
  }
  const world = symbolOf(library, "ompi_mpi_comm_world");
  if (world !== undefined) {
    const byte = symbolOf(library, "ompi_mpi_byte");
    return { handle: "void *", world, byte, serialized: 2 };
  }
  const name = versionOf(library);
  if (/mpich|intel|mvapich|cray/i.test(name)) {
    return { handle: "int", world: 0x44000000, byte: 0x4c00010d, serialized: 2 };
  }
  throw new DeviceError(
    `${file}: must be Open MPI, MPICH (or a library with its ABI) or libmpi_abi, got ${name || "another one"}`,
  );
}

function symbolOf(library: Library, name: string): unknown {
  try {
    return library.symbol(name);
  } catch {
    return undefined;
  }
}

/** The first line of what the library calls itself; may be asked before MPI_Init. */
function versionOf(library: Library): string {
  const text = new Uint8Array(8192 + 1);
  const length = new Int32Array(1);
  library.func("MPI_Get_library_version", "int", ["void *", "void *"])(text, length);
  const line = new TextDecoder().decode(text.subarray(0, length[0])).split(/[\n,\0]/)[0] ?? "";
  return line.replace(/\s+/g, " ").trim();
}

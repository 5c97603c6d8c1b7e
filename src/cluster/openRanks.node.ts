/** The ranks of this training: all that a launcher has started, or this process alone. */
import { ArgumentError } from "../base/errors.ts";
import { alone, partOf, together, type Ranks } from "../train/ranks.ts";
import { launchedAs, type Launched } from "./launched.ts";
import { openMpi, type Mpi } from "./mpi.node.ts";

let opened: Promise<Ranks> | undefined;

/**
 * The ranks that this process belongs to. Without `mpirun` or `srun` it is alone, and no MPI library is touched.
 *
 * The library is closed when the process ends. A process that ends in the middle of a training takes the others along: they would
 * wait for it for ever.
 *
 * @throws {DeviceError} if there is no MPI to be used.
 */
export function openRanks(launched = launchedAs(process.env)): Promise<Ranks> {
  if (!launched) return Promise.resolve(alone);
  return (opened ??= open(launched));
}

/**
 * For commands that are no single training.
 *
 * @throws {ArgumentError} if a launcher has started several processes.
 */
export function refuseRanks(command: string, launched = launchedAs(process.env)): void {
  if (!launched) return;
  throw new ArgumentError(
    `${command}: must be started as one process, got ${launched.size} of them; start train over MPI, or ${command} alone, with --launcher`,
  );
}

async function open(launched: Launched): Promise<Ranks> {
  const mpi = await openMpi(launched);
  process.on("exit", (code) => {
    if (unfinished) mpi.abort(code || 1);
    else mpi.finalize();
  });
  return ranksOver(mpi);
}

let unfinished = false;

/** `together`, known to the end of the process: one that ends in the middle of it ends the others. */
export async function withRanks<T>(
  ranks: Ranks,
  work: (done: () => Promise<void>) => Promise<T>,
): Promise<T> {
  unfinished = true;
  try {
    return await together(ranks, (done) =>
      work(async () => {
        await done();
        unfinished = false;
      }),
    );
  } catch (error) {
    // Told to all, or after they had gone their ways.
    unfinished = false;
    throw error;
  }
}

/** The calls that training makes, over those of MPI. */
export function ranksOver(mpi: Mpi): Ranks {
  const { rank, size } = mpi;
  const each = (value: (r: number) => number): Int32Array =>
    Int32Array.from({ length: size }, (_, r) => value(r));
  const startsOf = (counts: Int32Array): Int32Array => {
    let at = 0;
    return counts.map((count) => (at += count) - count);
  };
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const lengthOf = (length: number, r: number): number => {
    const [start, end] = partOf(length, r, size);
    return end - start;
  };
  let received = new Float32Array(0);
  let staged = new Float32Array(0);
  const ones = each(() => 4);
  const places = startsOf(ones);
  return {
    ...{ rank, size },
    async gather(own) {
      const lengths = new Int32Array(size);
      const length = Int32Array.of(own.length);
      await mpi.allGather(
        new Uint8Array(length.buffer),
        new Uint8Array(lengths.buffer),
        ones,
        places,
      );
      const starts = startsOf(lengths);
      const all = new Uint8Array(
        Math.max(
          1,
          lengths.reduce((a, b) => a + b),
        ),
      );
      await mpi.allGather(own, all, lengths, starts);
      return Array.from(lengths, (count, r) => all.subarray(starts[r], starts[r]! + count));
    },
    async exchange(own) {
      const part = lengthOf(own.length, rank);
      if (received.length < size * part) received = new Float32Array(size * part);
      const sent = each((r) => 4 * lengthOf(own.length, r));
      const got = each(() => 4 * part);
      await mpi.allToAll(
        ...([bytesOf(own), { counts: sent, starts: startsOf(sent) }] as const),
        ...([bytesOf(received), { counts: got, starts: startsOf(got) }] as const),
      );
      return Array.from({ length: size }, (_, r) => received.subarray(r * part, (r + 1) * part));
    },
    async complete(values) {
      const [start, end] = partOf(values.length, rank, size);
      if (staged.length < end - start) staged = new Float32Array(end - start);
      // MPI must not be given one memory twice.
      const own = staged.subarray(0, end - start);
      own.set(values.subarray(start, end));
      const counts = each((r) => 4 * lengthOf(values.length, r));
      await mpi.allGather(bytesOf(own), bytesOf(values), counts, startsOf(counts));
    },
  };
}

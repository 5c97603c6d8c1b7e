/** The processes that train one network together, and how they agree; alone there is one. */
import {
  ArgumentError,
  DataError,
  DeviceError,
  InternalError,
  NumericError,
  SgdcError,
} from "../base/errors.ts";

/**
 * What the processes (ranks) of a training can tell each other. Every rank must make the same calls in the same
 * order; each waits for all.
 */
export interface Ranks {
  /** This process, from 0. Rank 0 alone writes files and talks. */
  readonly rank: number;
  readonly size: number;
  /** The bytes of every rank, in the order of ranks; lengths may differ. */
  gather(own: Uint8Array): Promise<readonly Uint8Array[]>;
  /**
   * Part r of `own` goes to rank r (`partOf` says which it is).
   *
   * @returns this rank's part as each rank has it, in the order of ranks; valid until the next call
   */
  exchange(own: Float32Array): Promise<readonly Float32Array[]>;
  /** Fills `values`, of which each rank has its own part, with those of the others. */
  complete(values: Float32Array): Promise<void>;
}

/** One process, which has nobody to tell anything. */
export const alone: Ranks = {
  rank: 0,
  size: 1,
  gather: (own) => Promise.resolve([own]),
  exchange: (own) => Promise.resolve([own]),
  complete: () => Promise.resolve(),
};

/** Where the part of a rank begins in an array, and where it ends: as even as can be. */
export const partOf = (
  length: number,
  rank: number,
  size: number,
): [start: number, end: number] => [
  Math.floor((rank * length) / size),
  Math.floor(((rank + 1) * length) / size),
];

/** What a rank says: a value, or what has gone wrong there. */
type Message<T> = { readonly value: T } | { readonly code: string; readonly message: string };

const told = new WeakSet<object>();

/** Whether all ranks know of an error: rank 0 then says it for all. */
export const wasTold = (error: unknown): boolean =>
  typeof error === "object" && error !== null && told.has(error);

/**
 * Tells all ranks a value that JSON can hold.
 *
 * @returns the values of all, in the order of ranks
 * @throws the error of a rank that told one instead, with the same class on all of them.
 */
export async function tell<T>(ranks: Ranks, value: T): Promise<T[]> {
  if (ranks.size === 1) return [value];
  return valuesOf(await ranks.gather(encode({ value })), ranks.rank);
}

/**
 * Runs `work`, in which ranks call `tell`. If one of them fails in between, it tells the others in place of what they
 * wait for, so that all end with the same error instead of waiting for ever.
 *
 * @param work  is given a function to call when nothing more is to be done together: all are then known to have come so far
 */
export async function together<T>(
  ranks: Ranks,
  work: (done: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let open = ranks.size > 1;
  try {
    return await work(async () => {
      if (open) await tell(ranks, null);
      open = false;
    });
  } catch (error) {
    if (open && !wasTold(error)) {
      const code = error instanceof SgdcError ? error.code : "";
      const message = error instanceof Error ? error.message : String(error);
      if (typeof error === "object" && error !== null) told.add(error);
      await ranks.gather(encode({ code, message }));
    }
    open = false;
    throw error;
  }
}

const encode = (message: Message<unknown>): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(message));

function valuesOf<T>(messages: readonly Uint8Array[], own: number): T[] {
  return messages.map((bytes, rank) => {
    const message = JSON.parse(new TextDecoder().decode(bytes)) as Message<T>;
    if ("value" in message) return message.value;
    throw errorOf(message.code, `${message.message}${rank === own ? "" : ` (rank ${rank})`}`);
  });
}

const classes = [ArgumentError, DataError, DeviceError, NumericError];

/** The error of another rank, of the same class. */
function errorOf(code: string, message: string): Error {
  const made = classes.map((Class) => new Class(message)).find((error) => error.code === code);
  const error = made ?? (code === "" ? new Error(message) : new InternalError(message));
  told.add(error);
  return error;
}

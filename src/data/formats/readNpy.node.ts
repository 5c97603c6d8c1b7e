/** Reading NumPy's .npy files entry by entry: a file of any size costs the memory of one entry. */
import { open, type FileHandle } from "node:fs/promises";
import { DataError } from "../../base/errors.ts";
import { fileReason, refuseSpecial } from "../../base/files.node.ts";
import { npyPreamble, npyPreambleBytes, parseNpyHeader, type NpyHeader } from "./npyHeader.ts";
import { npyValues, type NpyValues } from "./npyValues.ts";

/** A .npy file by its header; no handle stays open. */
export interface NpyFile extends NpyHeader {
  readonly path: string;
}

/** One entry along the first axis. */
export interface NpyEntry {
  /** Shape without the first axis. */
  readonly shape: readonly number[];
  /** In C order; 64-bit integers as float64, half floats as float32, bool as 0 and 1. */
  readonly data: NpyValues;
}

/**
 * Reads the header of a .npy file.
 *
 * @throws {DataError} if the file is unreadable, no .npy of numbers, or shorter than its shape needs.
 */
export async function openNpy(path: string): Promise<NpyFile> {
  return withFile(path, async (file) => {
    const info = await file.stat();
    if (!info.isFile()) {
      throw new DataError(`${path}: must be a .npy file, got a folder or device`);
    }
    const preamble = npyPreamble(path, await readSome(file, 0, npyPreambleBytes));
    const text = await readSome(file, preamble.start, preamble.end - preamble.start);
    if (text.length < preamble.end - preamble.start) {
      throw new DataError(
        `${path}: .npy header must have ${preamble.end - preamble.start} bytes, got ${text.length}; the file is cut off`,
      );
    }
    // Versions 1 and 2 are Latin-1, 3 is UTF-8; all that is looked for is ASCII.
    const words = Buffer.from(text).toString("latin1");
    return { path, ...parseNpyHeader(path, words, preamble, info.size) };
  });
}

/**
 * Reads one entry along the first axis, and nothing else of the file.
 *
 * @param most  elements an entry may have; default 400 million
 * @throws {DataError} if the index is outside the array, the array is in Fortran order or has no axis, the
 *   entry is too large, or the file became shorter; if a 64-bit integer is beyond 2^53.
 */
export async function readNpyEntry(
  npy: NpyFile,
  index: number,
  most = 400_000_000,
): Promise<NpyEntry> {
  const { path, dataStart, itemBytes } = npy;
  const shape = npyEntryShape(npy, index);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements > most) {
    throw new DataError(
      `${path}: an entry must have at most ${most} values, got (${shape.join(", ")}) = ${elements}`,
    );
  }
  const bytes = elements * itemBytes;
  return withFile(path, async (file) => {
    const raw = await readSome(file, dataStart + index * bytes, bytes);
    if (raw.length < bytes) {
      throw new DataError(
        `${path}: entry ${index} must have ${bytes} bytes, got ${raw.length}; the file became shorter`,
      );
    }
    return { shape, data: npyValues(raw, npy, `${path}: entry ${index}`) };
  });
}

/** Shape of an entry. @throws {DataError} if the array has no such entry, or its entries are scattered. */
export function npyEntryShape(npy: NpyFile, index: number): readonly number[] {
  const { path, shape, fortranOrder } = npy;
  const [count, ...rest] = shape;
  if (count === undefined) {
    throw new DataError(`${path}: array must have entries along a first axis, got a single number`);
  }
  if (fortranOrder && rest.length > 0) {
    throw new DataError(
      `${path}: array must be in C order, got Fortran order; save it again with np.ascontiguousarray`,
    );
  }
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) {
    throw new DataError(`${path}: entry must be 0 to ${count - 1}, got ${index}`);
  }
  return rest;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    await refuseSpecial(path);
    file = await open(path, "r");
    return await use(file);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${path}: must be a readable .npy file, got ${fileReason(error)}`, {
      cause: error,
    });
  } finally {
    await file?.close();
  }
}

/** Up to `length` bytes from `position` on; fewer at the end of the file. */
async function readSome(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(into, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return into.subarray(0, done);
}

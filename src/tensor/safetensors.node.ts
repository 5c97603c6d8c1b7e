/** Safetensors files on disk: read tensor by tensor, each straight into its own memory. */
import { open, type FileHandle } from "node:fs/promises";
import { DataError } from "../base/errors.ts";
import { readElements, type Safetensors } from "./safetensors.ts";
import { elementTypes } from "./safetensorsDtypes.ts";
import {
  headerLength,
  lengthFieldBytes,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensorsHeader.ts";
import { sizeOf } from "./shape.ts";
import { tensor, type Tensor } from "./tensor.ts";

/** A piece of a tensor that is read at a time; a multiple of every element size. */
const pieceBytes = 16 * 2 ** 20;

/**
 * Reads a file, or those of its tensors that `wanted` accepts, without holding it twice.
 *
 * @param path    the file
 * @param wanted  chooses tensors by name; default: all
 * @throws {DataError} if the file is missing, damaged or no safetensors file.
 */
export async function readSafetensors(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Promise<Safetensors> {
  return withFile(path, async (file) => {
    const { entries, metadata, dataStart } = await readHeaderOf(file, path);
    const tensors = new Map<string, Tensor<"float32">>();
    for (const entry of entries) {
      if (wanted(entry.name))
        tensors.set(entry.name, await readTensor(file, path, entry, dataStart));
    }
    return { tensors, metadata };
  });
}

/** Reads names, types, shapes and metadata alone. Throws as `readSafetensors` does. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (file) => readHeaderOf(file, path));
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    const { code = "an error" } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code;
    throw new DataError(`${path}: must be a readable safetensors file, got ${reason}`, { cause });
  }
  try {
    if (!(await file.stat()).isFile()) {
      throw new DataError(`${path}: must be a safetensors file, got a folder or device`);
    }
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readHeaderOf(
  file: FileHandle,
  path: string,
): Promise<SafetensorsHeader & { dataStart: number }> {
  const { size } = await file.stat();
  const start = new Uint8Array(Math.min(size, lengthFieldBytes));
  await readFully(file, path, start, 0);
  const length = headerLength(start, size, path);
  const json = new Uint8Array(length);
  await readFully(file, path, json, lengthFieldBytes);
  const dataStart = lengthFieldBytes + length;
  return { ...parseHeader(json, size - dataStart, path), dataStart };
}

async function readTensor(
  file: FileHandle,
  path: string,
  entry: SafetensorsEntry,
  dataStart: number,
): Promise<Tensor<"float32">> {
  const values = new Float32Array(sizeOf(entry.shape));
  const total = entry.end - entry.begin;
  // float32 is read where it stays; other types go through a piece of scratch memory.
  const direct = entry.dtype === "F32" ? new Uint8Array(values.buffer) : undefined;
  const scratch = direct ? undefined : new Uint8Array(Math.min(total, pieceBytes));
  const elementBytes = elementTypes.get(entry.dtype)!.bytes;
  for (let at = 0; at < total; at += pieceBytes) {
    const count = Math.min(pieceBytes, total - at);
    const piece = direct ? direct.subarray(at, at + count) : scratch!.subarray(0, count);
    await readFully(file, path, piece, dataStart + entry.begin + at);
    if (!direct) readElements(entry, piece, values, at / elementBytes);
  }
  return tensor(entry.shape, values);
}

/** Fills `into` from `position` on; one read may return less than was asked for. */
async function readFully(
  file: FileHandle,
  path: string,
  into: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) {
      throw new DataError(
        `${path}: must have at least ${position + into.length} bytes, got ${position + done}; it became shorter while being read`,
      );
    }
    done += bytesRead;
  }
}

/** Files: writing that no crash can leave half done, and the wording of file-system errors. */
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "./errors.ts";
import { checkName } from "./names.ts";

const causes: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "a read-only file system",
  ENOSPC: "no space left on the disk",
  EDQUOT: "an exceeded disk quota",
  EFBIG: "a file larger than the file system allows",
  EISDIR: "a folder",
  ENOTDIR: "a file where a folder must be",
  EEXIST: "a file that is in the way",
  EMFILE: "too many open files",
  EIO: "an input/output error of the disk",
  ENAMETOOLONG: "a name longer than the file system allows",
};

/** The reason of a failed file operation in words, e.g. `no space left on the disk (ENOSPC)`. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code === undefined) return error.message;
  const words = causes[code];
  return words === undefined ? code : `${words} (${code})`;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

/**
 * The text of a file.
 *
 * @param what  what it must be, for the message
 * @throws {DataError} if it cannot be read.
 */
export async function readText(path: string, what = "a readable file"): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new DataError(`${path}: must be ${what}, got ${fileReason(cause)}`, { cause });
  }
}

/**
 * The path of a file in `folder` that is named after something: an image, a patch, a case.
 *
 * @param ending  what follows the name, as `_mask.png`
 * @throws {DataError} if the file would lie anywhere else, or cannot have this name.
 */
export function fileIn(folder: string, name: string, ending: string): string {
  checkName(name, `${folder}: image`);
  return join(folder, checkName(name + ending, `${folder}: file of ${name}`));
}

/**
 * Makes the folder and those above it, where they are not there yet.
 *
 * Node's own way to do so tells a read-only disk as a missing folder, and never ends where a system answers
 * that the folder above, which is there, is not (/proc).
 *
 * @returns the highest folder that was made; undefined if all were there
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const first = await makeOne(folder);
  if (typeof first === "boolean") return first ? folder : undefined;
  const above = dirname(folder);
  if (codeOf(first) !== "ENOENT" || above === folder) throw first;
  // Another may have made it in the meantime; a second ENOENT is then the truth.
  const higher = (await isFolder(above)) ? undefined : await makeFolder(above);
  const second = await makeOne(folder);
  if (typeof second !== "boolean") throw second;
  return higher ?? (second ? folder : undefined);
}

/** Whether the folder was made, false if it was there; or why it is not there. */
async function makeOne(folder: string): Promise<boolean | Error> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (await isFolder(folder)) return false;
    return error instanceof Error ? error : new Error(String(error));
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );

/** The beginning of a temporary name; of a long file name only so much that it is not too long itself. */
const shortened = (name: string): string =>
  Buffer.byteLength(name) <= 200 ? name : name.slice(0, 60);
/**
 * The bytes of a file. Pipes, sockets and devices are not read: they may never begin or never end.
 *
 * @throws errors whose reason `fileReason` words
 */
export async function readWholeFile(path: string): Promise<Buffer> {
  await refuseSpecial(path);
  return readFile(path);
}

/** @throws if the path is a pipe, a socket or a device; opening a pipe that nobody writes to would hold for ever. */
export async function refuseSpecial(path: string): Promise<void> {
  const info = await stat(path);
  if (info.isFIFO()) throw new Error("a pipe");
  if (info.isSocket()) throw new Error("a socket");
  if (info.isCharacterDevice() || info.isBlockDevice()) throw new Error("a device");
}

let counter = 0;

/** A name beside `path` that no other file has, hidden. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${shortened(basename(path))}.tmp-${process.pid}-${counter++}`);

/** A file that could not be written, with the reason. */
export const notWritable = (path: string, error: unknown): DataError =>
  new DataError(
    `${path}: the file must be writable, got ${fileReason(error)}; nothing was changed, free space or choose another folder`,
    { cause: error },
  );

/**
 * Writes a file so that after any crash `path` holds either its old content or all of the new:
 * temporary name in the same folder, fsync, rename, fsync of the folder.
 *
 * @param path  its folder is made if it is not there
 * @param data  text, bytes, or parts that are written one after another
 * @throws {DataError} naming the file and the reason (full disk, read-only folder, ...); the old
 *   file is then untouched and the temporary one removed.
 */
export async function atomicWriteFile(
  path: string,
  data: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryName(path);
  try {
    await makeFolder(folder);
    const file = await open(temporary, "wx");
    try {
      const parts = typeof data === "string" || data instanceof Uint8Array ? [data] : data;
      // `writeFile` on an open handle goes on from the current position, and retries short writes.
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw notWritable(path, error);
  }
}

/** Makes a rename durable. Windows cannot open folders and needs no such step. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

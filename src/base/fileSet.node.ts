/** Files that appear together: none stands at its place before all are whole. */
import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { notWritable, syncFolder, temporaryName } from "./files.node.ts";

/** A file that is written from its beginning to its end. */
export interface OutputFile {
  readonly path: string;
  /** @throws {DataError} naming the file and the reason. */
  write(data: Uint8Array | string): Promise<void>;
}

/** Files under temporary names, until all of them are to appear. */
export interface FileSet {
  /** The places of the files opened so far, in their order. */
  readonly paths: readonly string[];
  /**
   * Opens a file; its folder is made if it is not there.
   *
   * @throws {DataError} naming the file and the reason.
   */
  open(path: string): Promise<OutputFile>;
  /**
   * Flushes all files, and only then puts them in their places, one after another.
   *
   * @throws {DataError} naming the file and the reason; what could not be put in its place is removed.
   */
  commit(): Promise<void>;
  /** Removes what was not committed; does nothing after `commit`. */
  discard(): Promise<void>;
}

interface Entry {
  readonly path: string;
  readonly temporary: string;
  readonly handle: FileHandle;
}

/** A set without files. Whoever makes one calls `commit` or, after an error, `discard`. */
export function createFileSet(): FileSet {
  let entries: Entry[] = [];
  const paths: string[] = [];
  const attempt = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw notWritable(path, error);
    }
  };
  const discard = async (): Promise<void> => {
    for (const { handle, temporary } of entries) {
      // Closed already where `commit` came that far.
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true }).catch(() => undefined);
    }
    entries = [];
  };
  return {
    paths,
    open: (path) =>
      attempt(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        const temporary = temporaryName(path);
        const handle = await open(temporary, "wx");
        entries.push({ path, temporary, handle });
        paths.push(path);
        // On an open handle, writing goes on from the current position, and retries short writes.
        return { path, write: (data) => attempt(path, () => handle.writeFile(data)) };
      }),
    async commit() {
      try {
        for (const { path, handle } of entries) {
          await attempt(path, async () => {
            await handle.sync();
            await handle.close();
          });
        }
        // What renaming would refuse must be seen before the first file is in its place.
        for (const { path } of entries) {
          const there = await stat(path).catch(() => undefined);
          if (there?.isDirectory()) throw notWritable(path, new Error("a folder of that name"));
        }
        for (const { path, temporary } of entries) {
          await attempt(path, () => rename(temporary, path));
        }
        for (const folder of new Set(entries.map(({ path }) => dirname(path)))) {
          await attempt(folder, () => syncFolder(folder));
        }
        entries = [];
      } finally {
        await discard();
      }
    },
    discard,
  };
}

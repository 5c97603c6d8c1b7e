/** One process a folder: a lock that names its holder, and that a killed process leaves behind harmlessly. */
import { randomBytes } from "node:crypto";
import { open, readdir, readFile, readlink, rm, rmdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ArgumentError, DataError } from "../base/errors.ts";
import { atomicWriteFile, fileReason, makeFolder } from "../base/files.node.ts";
import { exists } from "./runFolder.node.ts";

/** A folder, or a part of it, that is this process's alone until `release`. */
export interface FolderLock {
  /** @throws {DataError} if the folder was removed, or another process has taken it over. */
  check(): Promise<void>;
  /** Gives the folder back; one that was made for the lock and is still empty goes as well. */
  release(): Promise<void>;
}

/** The part of a folder that stands for all of it. */
const whole = "all";

const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** Where a process number means something: boot and process namespace of the host, as far as the system tells. */
  numbering: z.string(),
  /** What tells a process from a later one of its number, as far as the system tells. */
  processStart: z.string(),
  /** When the lock was taken. */
  since: z.string(),
  part: z.string(),
  /** False while the process still looks for others. */
  held: z.boolean(),
});
type Holder = z.output<typeof holderSchema>;

const lockName = /^\.lock-[0-9a-f]{16}\.json$/;
/** A lock that was being written when its process was killed. */
const halfName = /^\.\.lock-[0-9a-f]{16}\.json\.tmp-/;

/** Between two signs of life. */
const beatSeconds = 30;
/** Silence after which a holder that cannot be asked, on another machine, counts as gone. */
const silenceSeconds = 600;
/** Times that a process tries again if another one is about to take the lock at the same moment. */
const mostTries = 8;

/**
 * Takes a folder.
 *
 * Whoever wants it writes a file of its own into the folder and then looks for those of others: of two
 * that come at once, at least one sees the other, without any lock of the file system. Nothing is ever
 * taken from a holder that lives. Whether one does is asked of the system on the same machine, at once
 * after a kill; a holder on another machine gives a sign of life every half minute, and counts as gone
 * after ten minutes without, by the clock of the file server.
 *
 * @param path  made if it is not there
 * @param part  other parts of the folder may be held by others; default all of it
 * @throws {ArgumentError} if another process holds it, naming process, machine and start.
 * @throws {DataError} if the folder cannot be written.
 */
export async function lockFolder(path: string, part: string = whole): Promise<FolderLock> {
  const made = await makeOwnFolder(path);
  const own: Holder = {
    ...(await thisProcess()),
    since: new Date().toISOString(),
    part,
    held: false,
  };
  const name = `.lock-${randomBytes(8).toString("hex")}.json`;
  const file = join(path, name);
  try {
    for (let tries = 1; ; tries++) {
      await writeHolder(path, file, own);
      const other = await holderBeside(path, name, part);
      if (other === undefined) break;
      await rm(file, { force: true });
      if (other.holder?.held !== false || tries === mostTries) refuse(path, other);
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 180));
    }
    await writeHolder(path, file, { ...own, held: true });
  } catch (error) {
    await rm(file, { force: true }).catch(() => undefined);
    await removeEmpty(path, made);
    throw error;
  }
  const timer = setInterval(() => void beat(file), beatSeconds * 1000);
  timer.unref();
  return {
    async check() {
      if (await exists(file)) return;
      const other = await holderBeside(path, name, part).catch(() => undefined);
      const got = other ? `one taken over by ${describe(other)}` : "a folder that was removed";
      throw new DataError(
        `${path}: folder must stay with the process that writes it, got ${got}; nothing was written`,
      );
    },
    async release() {
      clearInterval(timer);
      await rm(file, { force: true });
      await removeEmpty(path, made);
    },
  };
}

/** @throws {ArgumentError} if a process holds the folder or a part of it. */
export async function refuseLocked(path: string): Promise<void> {
  const other = await holderBeside(path, "", whole);
  if (other) refuse(path, other);
}

/** Runs `action` while holding the folder. */
export async function withFolder<T>(
  path: string,
  action: (lock: FolderLock) => Promise<T>,
  part: string = whole,
): Promise<T> {
  const lock = await lockFolder(path, part);
  try {
    return await action(lock);
  } finally {
    await lock.release();
  }
}

interface Found {
  readonly file: string;
  /** Absent if the file cannot be read as a lock. */
  readonly holder?: Holder;
}

function refuse(path: string, found: Found): never {
  throw new ArgumentError(
    `${path}: folder must be used by one process at a time, got ${describe(found)}; wait for it or end it; if it no longer runs, delete ${found.file}`,
  );
}

/** Whether an error says that another process holds a folder. */
export const isInUse = (error: unknown): boolean =>
  error instanceof ArgumentError && error.message.includes(": folder must be used by one process");

const describe = ({ holder }: Found): string =>
  holder
    ? `process ${holder.pid} on ${holder.host}, since ${holder.since}`
    : "an unreadable lock of another process";

/** A living holder beside `own` whose part is that asked for; locks of the dead are removed. */
async function holderBeside(path: string, own: string, part: string): Promise<Found | undefined> {
  const names = await readdir(path).catch((): string[] => []);
  let claiming: Found | undefined;
  for (const name of names) {
    const file = join(path, name);
    if (halfName.test(name) && (await silence(file)) > silenceSeconds)
      await rm(file, { force: true });
    if (name === own || !lockName.test(name)) continue;
    const holder = await readHolder(file);
    if (holder === "gone") continue;
    const apart = holder && part !== whole && holder.part !== whole && holder.part !== part;
    if (apart) continue;
    if (await isDead(file, holder, own === "" ? undefined : join(path, own))) {
      await rm(file, { force: true });
      continue;
    }
    const found = { file, ...(holder && { holder }) };
    if (holder?.held !== false) return found;
    claiming = found;
  }
  return claiming;
}

async function readHolder(file: string): Promise<Holder | "gone" | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

async function isDead(file: string, holder: Holder | undefined, own?: string): Promise<boolean> {
  const here = await thisProcess();
  if (holder?.host === here.host) {
    // A process of an earlier boot of this machine is gone.
    const [boot, names] = here.numbering.split(" ");
    const [bootThen, namesThen] = holder.numbering.split(" ");
    if (boot !== bootThen) return true;
    if (names === namesThen) return !(await lives(holder));
  }
  return (await silence(file, own)) > silenceSeconds;
}

/** Whether a process of this machine is there, and is the one meant. */
async function lives({ pid, processStart }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return processStart === "" || processStart === (await startOf(pid));
}

/** Seconds since the last sign of life; both times are those of the file server, where own is given. */
async function silence(file: string, own?: string): Promise<number> {
  try {
    const last = (await stat(file)).mtimeMs;
    const now = own === undefined ? Date.now() : (await stat(own)).mtimeMs;
    return (now - last) / 1000;
  } catch {
    return 0;
  }
}

/** A sign of life: the same bytes again, if the file is still there. */
async function beat(file: string): Promise<void> {
  try {
    const handle = await open(file, "r+");
    try {
      const bytes = await handle.readFile();
      await handle.write(bytes, 0, bytes.length, 0);
    } finally {
      await handle.close();
    }
  } catch {
    // `check` says what is wrong before the next file is written.
  }
}

let known: Promise<Pick<Holder, "pid" | "host" | "numbering" | "processStart">> | undefined;

const thisProcess = () =>
  (known ??= (async () => {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
    const names = await readlink("/proc/self/ns/pid").catch(() => "");
    const numbering = `${boot.trim()} ${names}`;
    return {
      pid: process.pid,
      host: hostname(),
      numbering,
      processStart: await startOf(process.pid),
    };
  })());

/** When a process began, in ticks since the boot; empty where the system has no /proc. */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name of the program, in brackets, may hold anything; the 20th field after it is the start.
  return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function writeHolder(path: string, file: string, holder: Holder): Promise<void> {
  try {
    await atomicWriteFile(file, `${JSON.stringify(holder)}\n`);
  } catch (cause) {
    throw unwritable(
      path,
      cause instanceof Error && cause.cause !== undefined ? cause.cause : cause,
    );
  }
}

/** Makes the folder. @returns the highest one that was made */
async function makeOwnFolder(path: string): Promise<string | undefined> {
  try {
    const made = await makeFolder(path);
    return made && resolve(made);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

const unwritable = (path: string, cause: unknown): DataError =>
  new DataError(`${path}: output folder must be writable, got ${fileReason(cause)}`, { cause });

/** Removes empty folders from `path` up to `made`. */
async function removeEmpty(path: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  for (let folder = resolve(path); folder.length >= made.length; folder = dirname(folder)) {
    const gone = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

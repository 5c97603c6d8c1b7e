import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { lockFolder, refuseLocked, withFolder } from "./folderLock.node.ts";

const script = fileURLToPath(new URL("../../test/helpers/lockProcess.ts", import.meta.url));
let root: string;
let children: ChildProcess[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-lock-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

/** A process that wants the lock; resolves with the first line that it says. */
function other(path: string, ...part: string[]): Promise<{ child: ChildProcess; said: string }> {
  const args = ["--import", "tsx", script, path, ...part];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve) => {
    child.stdout.once("data", (text: Buffer) => {
      resolve({ child, said: text.toString().trim() });
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once("exit", resolve));
  }
}

const locksIn = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => name.includes(".lock-"));

/** What the lock of a process says. */
async function holderIn(path: string): Promise<Record<string, unknown>> {
  const [name = ""] = await locksIn(path);
  return JSON.parse(await readFile(join(path, name), "utf8")) as Record<string, unknown>;
}

/** A lock as another process left it. */
async function plant(holder: Record<string, unknown>, ageSeconds = 0): Promise<string> {
  const file = join(root, ".lock-0123456789abcdef.json");
  await writeFile(file, JSON.stringify(holder));
  const then = Date.now() / 1000 - ageSeconds;
  await utimes(file, then, then);
  return file;
}

describe("a folder's lock", () => {
  it("refuses a second process, naming the first, its machine and its start", async () => {
    const { child, said } = await other(root);
    expect(said).toBe("held");
    const error = await errorOf(lockFolder(root));
    expect(error).toBeInstanceOf(ArgumentError);
    const { since } = await holderIn(root);
    expect(error.message).toMatch(
      new RegExp(
        `: folder must be used by one process at a time, got process ${child.pid ?? 0} on ${hostname()}, since ${String(since)}; wait for it or end it; if it no longer runs, delete .*\\.lock-[0-9a-f]{16}\\.json$`,
      ),
    );
    expect((await errorOf(refuseLocked(root))).message).toBe(error.message);
    expect(await locksIn(root)).toHaveLength(1);
    child.stdin!.end();
    await ended(child);
    await (await lockFolder(root)).release();
    expect(await readdir(root)).toEqual([]);
  });

  it("refuses a second holder in the same process", async () => {
    await withFolder(root, async () => {
      expect((await errorOf(lockFolder(root))).message).toContain(`got process ${process.pid} on`);
    });
    await (await lockFolder(root)).release();
  });

  it("is free at once after kill -9 of its holder, and the leftover goes", async () => {
    const { child } = await other(root);
    child.kill("SIGKILL");
    await ended(child);
    expect(await locksIn(root)).toHaveLength(1);
    const lock = await lockFolder(root);
    expect(await locksIn(root)).toHaveLength(1);
    await lock.release();
    expect(await locksIn(root)).toEqual([]);
  });

  it("goes to one of several processes that come at once", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => other(root)));
    const held = all.filter(({ said }) => said === "held");
    expect(held.length).toBe(1);
    for (const { said } of all) expect(said).toMatch(/^held$|one process at a time/);
    expect((await locksIn(root)).length).toBe(held.length);
  });

  it("holds a part beside another part, but not beside all", async () => {
    await withFolder(
      root,
      async () => {
        await (await lockFolder(root, "fold 2")).release();
        expect(await errorOf(lockFolder(root, "fold 1"))).toBeInstanceOf(ArgumentError);
        expect(await errorOf(lockFolder(root))).toBeInstanceOf(ArgumentError);
      },
      "fold 1",
    );
  });

  it("does not take a later process of the same number for its holder", async () => {
    let mine: Record<string, unknown> = {};
    await withFolder(root, async () => {
      mine = await holderIn(root);
    });
    await plant(mine);
    expect(await errorOf(lockFolder(root))).toBeInstanceOf(ArgumentError);
    if (mine["processStart"] === "") return; // only where the system tells
    const file = await plant({ ...mine, processStart: "1" });
    await (await lockFolder(root)).release();
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await plant({ ...mine, numbering: "another-boot x" });
    await (await lockFolder(root)).release();
  });

  it("of another machine counts while it gives signs of life, and ten minutes longer", async () => {
    let mine: Record<string, unknown> = {};
    await withFolder(root, async () => {
      mine = await holderIn(root);
    });
    await plant({ ...mine, host: "elsewhere", pid: 77 }, 500);
    expect((await errorOf(lockFolder(root))).message).toContain("got process 77 on elsewhere");
    await plant({ ...mine, host: "elsewhere", pid: 77 }, 700);
    await (await lockFolder(root)).release();
    expect(await locksIn(root)).toEqual([]);
  });

  it("that cannot be read counts as one of another machine", async () => {
    const file = join(root, ".lock-0123456789abcdef.json");
    await writeFile(file, "{");
    expect((await errorOf(lockFolder(root))).message).toContain(
      "got an unreadable lock of another process",
    );
    await utimes(file, 1, 1);
    await (await lockFolder(root)).release();
  });

  it("says that its folder was removed, or taken over", async () => {
    const path = join(root, "run");
    const lock = await lockFolder(path);
    await lock.check();
    await rename(path, join(root, "moved"));
    const gone = await errorOf(lock.check());
    expect(gone).toBeInstanceOf(DataError);
    expect(gone.message).toBe(
      `${path}: folder must stay with the process that writes it, got a folder that was removed; nothing was written`,
    );
    const second = await lockFolder(path);
    expect((await errorOf(lock.check())).message).toMatch(
      /got one taken over by process \d+ on .*, since .*; nothing was written$/,
    );
    await second.release();
    await lock.release();
  });

  it("takes back the folders that it made, as long as nothing is in them", async () => {
    await (await lockFolder(join(root, "a/b"))).release();
    expect(await readdir(root)).toEqual([]);
    const lock = await lockFolder(join(root, "a/b"));
    await writeFile(join(root, "a/b/x"), "");
    await lock.release();
    expect(await readdir(join(root, "a/b"))).toEqual(["x"]);
    await mkdir(join(root, "c"));
    await (await lockFolder(join(root, "c"))).release();
    expect((await readdir(root)).sort()).toEqual(["a", "c"]);
  });

  it("says why a folder cannot be taken", async () => {
    await writeFile(join(root, "file"), "");
    expect((await errorOf(lockFolder(join(root, "file/run")))).message).toMatch(
      /file\/run: output folder must be writable, got a file where a folder must be/,
    );
  });
});

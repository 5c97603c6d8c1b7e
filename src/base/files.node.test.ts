import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { existsSync, readFileSync, statSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { DataError } from "./errors.ts";
import { atomicWriteFile, fileIn, fileReason, makeFolder, readWholeFile } from "./files.node.ts";

/** A folder on a read-only disk; undefined where this machine has none. */
const readOnly = existsSync("/proc/mounts")
  ? readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .find(([, path = "", , how = ""]) => /^ro(,|$)/.test(how) && isFolder(path))?.[1]
  : undefined;

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file is written whole, replaces the old one, and leaves no temporary name", async () => {
  const path = join(folder, "deep", "a.txt");
  await atomicWriteFile(path, "one");
  await atomicWriteFile(path, [new Uint8Array([116, 119]), new Uint8Array([111])]);
  expect(await readFile(path, "utf8")).toBe("two");
  expect(await readdir(join(folder, "deep"))).toEqual(["a.txt"]);
});

test("many writes of one file at once end with one whole content", async () => {
  const path = join(folder, "a.txt");
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(5000));
  await Promise.all(texts.map((text) => atomicWriteFile(path, text)));
  expect(texts).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("a target that is a folder is refused by name and left alone", async () => {
  const path = join(folder, "taken");
  await mkdir(path);
  await writeFile(join(path, "inside"), "x");
  const error = await atomicWriteFile(path, "x").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toMatch(
    /taken: the file must be writable, got .*; nothing was changed, free space or choose another folder$/,
  );
  expect(await readdir(folder)).toEqual(["taken"]);
});

test("a folder that cannot hold files is named with the reason", async () => {
  await writeFile(join(folder, "file"), "x");
  await expect(atomicWriteFile(join(folder, "file", "a.txt"), "x")).rejects.toThrow(
    /a\.txt: the file must be writable, got .*\((ENOTDIR|EEXIST)\)/,
  );
});

test("when the disk fills up half-way, the old file stays and the message says why", async () => {
  const path = join(folder, "a.bin");
  await atomicWriteFile(path, "old");
  const parts = [new Uint8Array(1000), new Uint8Array(1000)];
  Object.defineProperty(parts, 1, {
    get: () => {
      throw Object.assign(new Error("write"), { code: "ENOSPC" });
    },
  });
  await expect(atomicWriteFile(path, parts)).rejects.toThrow(
    `${path}: the file must be writable, got no space left on the disk (ENOSPC); nothing was changed, free space or choose another folder`,
  );
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a.bin"]);
});

// Every write to /dev/full fails with ENOSPC.
test.skipIf(!existsSync("/dev/full"))("a full disk is told in words", async () => {
  const error = await writeFile("/dev/full", "x").catch((e: unknown) => e);
  expect(fileReason(error)).toBe("no space left on the disk (ENOSPC)");
});

test("folders are made with those above them, and what is there already stays", async () => {
  await makeFolder(join(folder, "a/b/c"));
  await writeFile(join(folder, "a/file"), "x");
  await symlink(join(folder, "a"), join(folder, "link"));
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(folder, "link/b/d/e"))));
  expect(await makeFolder(folder)).toBeUndefined();
  expect(await makeFolder("/")).toBeUndefined();
  expect(await makeFolder(join(folder, "x/y/z"))).toBe(join(folder, "x"));
  expect((await stat(join(folder, "a/b/d/e"))).isDirectory()).toBe(true);
  await expect(makeFolder(join(folder, "a/file"))).rejects.toThrow("EEXIST");
  await expect(makeFolder(join(folder, "a/file/b"))).rejects.toThrow("ENOTDIR");
});

// Node's own `mkdir` of a folder and those above it tells "no such file or folder" here.
test.skipIf(!readOnly)("a read-only disk is named as such, not as a missing folder", async () => {
  const path = join(readOnly!, "sgdc", "deep", "a.txt");
  await expect(atomicWriteFile(path, "x")).rejects.toThrow(
    `${path}: the file must be writable, got a read-only file system (EROFS); nothing was changed, free space or choose another folder`,
  );
});

// mkdir of /proc answers that there is no such folder, which is no reason to make /proc first, for ever.
test.skipIf(!existsSync("/proc/self"))("a folder that cannot be in /proc is refused", async () => {
  await expect(atomicWriteFile("/proc/nowhere/deep/a.txt", "x")).rejects.toThrow(
    "/proc/nowhere/deep/a.txt: the file must be writable, got no such file or folder (ENOENT)",
  );
});

test("a file may have the longest name there is", async () => {
  for (const name of ["x".repeat(255), "é".repeat(127), "\u{1f52c}".repeat(63)]) {
    await atomicWriteFile(join(folder, name), "x");
    expect(await readdir(folder)).toEqual([name]);
    await rm(join(folder, name));
  }
});

test("a file named after something lies in the folder, or is refused", () => {
  expect(fileIn("out", "__proto__", "_mask.png")).toBe(join("out", "__proto___mask.png"));
  expectError(
    () => fileIn("out", "../../victim/scan", ".png"),
    DataError,
    'out: image must have a name that can be that of a file, got "../../victim/scan", which holds a slash; rename it',
  );
  expectError(() => fileIn("out", "..", ".png"), DataError, "out: image must have a name that can");
  expectError(
    () => fileIn("out", "x".repeat(255), ".png"),
    DataError,
    `out: file of ${"x".repeat(255)} must have a name that can be that of a file, got "${"x".repeat(57)}...", which has 259 bytes, above 255; rename it`,
  );
});
test.skipIf(process.platform === "win32")(
  "pipes and devices are refused instead of waited for",
  async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(readWholeFile(pipe)).rejects.toThrow("a pipe");
    await expect(readWholeFile("/dev/zero")).rejects.toThrow("a device");
    await writeFile(join(folder, "file"), "x");
    expect((await readWholeFile(join(folder, "file"))).toString()).toBe("x");
  },
);

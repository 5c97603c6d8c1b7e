import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "./errors.ts";
import { atomicWriteFile, fileReason, readWholeFile } from "./files.node.ts";

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

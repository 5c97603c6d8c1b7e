import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFileSet } from "./fileSet.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("files appear together, and replace what was there", async () => {
  await writeFile(join(folder, "a"), "old");
  const files = createFileSet();
  const a = await files.open(join(folder, "a"));
  const b = await files.open(join(folder, "deep", "b"));
  await a.write("new ");
  await b.write(new Uint8Array([98]));
  await a.write("a");
  expect(await readFile(join(folder, "a"), "utf8")).toBe("old");
  expect(await readdir(join(folder, "deep"))).not.toContain("b");
  await files.commit();
  expect(await readFile(join(folder, "a"), "utf8")).toBe("new a");
  expect(await readFile(join(folder, "deep", "b"), "utf8")).toBe("b");
  expect((await readdir(folder)).sort()).toEqual(["a", "deep"]);
  expect(files.paths).toEqual([join(folder, "a"), join(folder, "deep", "b")]);
});

test("where one file has no place, none is put in its place and nothing is left", async () => {
  await mkdir(join(folder, "b"));
  const files = createFileSet();
  await (await files.open(join(folder, "a"))).write("a");
  await (await files.open(join(folder, "b"))).write("b");
  await expect(files.commit()).rejects.toThrow(
    `${join(folder, "b")}: the file must be writable, got a folder of that name; nothing was changed, free space or choose another folder`,
  );
  expect(await readdir(folder)).toEqual(["b"]);
});

test("a discarded set leaves nothing, also in a folder that cannot hold files", async () => {
  await writeFile(join(folder, "file"), "x");
  const files = createFileSet();
  await (await files.open(join(folder, "a"))).write("a");
  await expect(files.open(join(folder, "file", "b"))).rejects.toThrow(
    /b: the file must be writable, got /,
  );
  await files.discard();
  expect(await readdir(folder)).toEqual(["file"]);
});

/** Training over MPI, with the libraries and launchers of this computer. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { phantom } from "../../src/node.ts";
import { launchers } from "./launchers.ts";
import { differences, flags, resultOf, run, sgdc } from "./runs.ts";

let root: string;
let one: ReadonlyMap<string, string>;
const at = (name: string): string => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-mpi-"));
  if (launchers.every(({ start }) => !start)) return;
  await phantom({ out: at("data"), count: 12, size: 72, seed: 3 });
  const { code, stderr } = await run(sgdc("train", at("data"), "--out", at("one"), ...flags));
  expect(stderr).toMatch(/epoch 2\/2/);
  expect(code).toBe(0);
  one = await resultOf(at("one"));
});
afterAll(() => rm(root, { recursive: true }));

describe.each(launchers)("under $name", ({ name, start, missing }) => {
  const folder = (what: string): string => at(`${name.replace(" ", "")}-${what}`);

  test("two ranks with a micro-batch each give the bits of one process with two", async ({
    skip,
  }) => {
    if (!start) return skip(missing);
    const out = folder("two");
    const ran = await run([...start(2), ...sgdc("train", at("data"), "--out", out, ...flags)]);
    expect(ran.code, ran.stderr).toBe(0);
    // Rank 0 alone talks.
    expect(ran.stdout.match(/finished after epoch 2/g)).toHaveLength(1);
    expect(ran.stderr.match(/epoch 2\/2/g)).toHaveLength(1);
    expect(one.size).toBeGreaterThan(500);
    expect(differences(one, await resultOf(out))).toEqual([]);
    expect((await readdir(out)).filter((file) => file.startsWith("."))).toEqual([]);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../base/errors.ts";
import { readSafetensors, readSafetensorsHeader } from "./safetensors.node.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { tensor } from "./tensor.ts";

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** Written by scripts/fixtures/weights_file.py with the safetensors package for Python. */
const fixture = pathOf("../../test/fixtures/safetensors-python.safetensors");
const script = pathOf("../../scripts/fixtures/weights_file.py");

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-safetensors-"));
});
afterAll(() => rm(root, { recursive: true }));

async function messageOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("readSafetensors", () => {
  it("reads what the Python package wrote, every type as float32", async () => {
    const { tensors, metadata } = await readSafetensors(fixture);
    expect(metadata.get("made by")).toMatch(/^safetensors \d+\.\d+\.\d+, torch 2\./);
    const values = [0, -0, 1.5, -2.25, Math.fround(1e-40), 65504, Infinity, 3];
    const shapeAndData = (name: string) => {
      const { shape, data } = tensors.get(name)!;
      return { shape, data: [...data] };
    };
    expect(shapeAndData("f32")).toEqual({ shape: [2, 4], data: values });
    // 1e-40 is smaller than the smallest half. Written out: once optimised, V8's `map` has turned -0 into 0 here.
    const halves = [0, -0, 1.5, -2.25, 0, 65504, Infinity, 3];
    expect(shapeAndData("f16")).toEqual({ shape: [4, 2], data: halves });
    const bf16 = shapeAndData("bf16");
    expect(bf16.data.slice(0, 4)).toEqual([0, -0, 1.5, -2.25]);
    expect(bf16.data.slice(5)).toEqual([65536, Infinity, 3]);
    expect(shapeAndData("f64")).toEqual({ shape: [1, 8, 1], data: values });
    for (const name of ["i64", "i32", "i16", "i8"]) {
      expect(shapeAndData(name)).toEqual({ shape: [4], data: [0, 1, -2, 100] });
    }
    expect(shapeAndData("u8").data).toEqual([0, 1, 2, 100]);
    expect(shapeAndData("bool").data).toEqual([0, 1, 1, 1]);
    expect(shapeAndData("scalar")).toEqual({ shape: [], data: [7] });
    expect(shapeAndData("empty")).toEqual({ shape: [0, 3], data: [] });
    expect(tensors.has('a name with "quotes", ü and .dots')).toBe(true);
  });

  it("reads only what is wanted, and headers alone", async () => {
    const { tensors } = await readSafetensors(fixture, (name) => name.startsWith("f"));
    expect([...tensors.keys()].sort()).toEqual(["f16", "f32", "f64"]);
    const { entries } = await readSafetensorsHeader(fixture);
    expect(entries).toHaveLength(13);
    expect(entries.find(({ name }) => name === "bf16")).toMatchObject({
      dtype: "BF16",
      shape: [8],
    });
  });

  it("reads tensors of several pieces, of every element size", async () => {
    // 16 MiB a piece: 5 million float32 and 9 million float16 do not fit into one.
    const file = join(root, "large.safetensors");
    const count = 9_000_000;
    const halves = new Uint16Array(count).map((_, i) => (i % 7 === 0 ? 0x3c00 : 0));
    const header = JSON.stringify({
      half: { dtype: "F16", shape: [count], data_offsets: [0, 2 * count] },
    });
    const start = new Uint8Array(8 + header.length);
    new DataView(start.buffer).setBigUint64(0, BigInt(header.length), true);
    start.set(new TextEncoder().encode(header), 8);
    await writeFile(file, [start, new Uint8Array(halves.buffer)]);
    const { data } = (await readSafetensors(file)).tensors.get("half")!;
    expect(data.length).toBe(count);
    expect(data.every((value, i) => value === (i % 7 === 0 ? 1 : 0))).toBe(true);
    const floats = Float32Array.from({ length: 5_000_000 }, (_, i) => i);
    await writeFile(file, encodeSafetensors({ tensors: new Map([["x", tensor([5e6], floats)]]) }));
    const back = (await readSafetensors(file)).tensors.get("x")!.data;
    expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(floats.buffer))).toBe(0);
  });

  it("writes what the Python package reads", async () => {
    const python = spawnSync("python3", ["-c", "import safetensors, numpy"]);
    if (python.status !== 0) {
      console.log("skipped: python3 with safetensors and numpy is not here");
      return;
    }
    const file = join(root, "ours.safetensors");
    const tensors = new Map([
      ["layer.weight", tensor([2, 2], [1, -2, 3.5, 1e-40])],
      ["scalar", tensor([], [5])],
      ["empty", tensor([0], [])],
    ]);
    const bytes = encodeSafetensors({ tensors, metadata: new Map([["config", '{"a": "ü"}']]) });
    await writeFile(file, bytes);
    const text = execFileSync("python3", [script, file], { encoding: "utf8" });
    expect(JSON.parse(text)).toEqual({
      metadata: { config: '{"a": "ü"}' },
      tensors: {
        "layer.weight": {
          dtype: "float32",
          shape: [2, 2],
          data: [1, -2, 3.5, Math.fround(1e-40)],
        },
        scalar: { dtype: "float32", shape: [], data: [5] },
        empty: { dtype: "float32", shape: [0], data: [] },
      },
    });
  });

  it("names files that are missing, folders, damaged or cut", async () => {
    expect(await messageOf(readSafetensors(join(root, "none")))).toMatch(
      /none: must be a readable safetensors file, got no such file$/,
    );
    expect(await messageOf(readSafetensors(root))).toMatch(
      /: must be a safetensors file, got a folder/,
    );
    const cut = join(root, "cut.safetensors");
    const bytes = encodeSafetensors({ tensors: new Map([["x", tensor([4], [1, 2, 3, 4])]]) });
    await writeFile(cut, bytes.subarray(0, bytes.length - 4));
    expect(await messageOf(readSafetensors(cut))).toMatch(
      /cut\.safetensors: data must have 16 bytes by its header, got 12; the file is truncated$/,
    );
    await writeFile(cut, bytes.subarray(0, 3));
    expect(await messageOf(readSafetensors(cut))).toMatch(/must have at least 8 bytes, got 3$/);
    await writeFile(cut, "");
    expect(await messageOf(readSafetensors(cut))).toMatch(/must have at least 8 bytes, got 0$/);
    await writeFile(cut, "PK\u0003\u0004 a zip file, such as torch.save makes");
    expect(await messageOf(readSafetensors(cut))).toMatch(/is this a safetensors file\?$/);
  });

  it("never allocates what a header of a small file claims", async () => {
    const file = join(root, "liar.safetensors");
    const handle = await open(file, "w");
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, 99_999_999n, true);
    await handle.writeFile(length);
    await handle.close();
    expect(await messageOf(readSafetensors(file))).toMatch(/must lie within the file of 8 bytes/);
  });
});

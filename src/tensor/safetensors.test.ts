import { describe, expect, it } from "vitest";
import { DataError, ShapeError } from "../base/errors.ts";
import { findDuplicateKey } from "../base/jsonKeys.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { tensor } from "./tensor.ts";

/** A file of this header text and this many bytes of data. */
function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const f32 = (name: string, shape: number[], begin: number, end: number): string =>
  `"${name}":{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DataError || error instanceof ShapeError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const decoding = (bytes: Uint8Array): string => messageOf(() => decodeSafetensors(bytes, "w.st"));

describe("safetensors in memory", () => {
  it("gives back what was written: shapes, values, order, metadata", () => {
    const tensors = new Map([
      ["b", tensor([2, 3], [1, -2, 3.5, 0, Infinity, 1e-40])],
      ["a.scalar", tensor([], [7])],
      ["empty", tensor([0, 4], [])],
      ["__proto__", tensor([1], [NaN])],
    ]);
    const metadata = new Map([
      ["note", 'ä "quoted" \\ line\n'],
      ["__proto__", "x"],
    ]);
    const bytes = encodeSafetensors({ tensors, metadata });
    const back = decodeSafetensors(bytes);
    expect([...back.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, value] of tensors) expect(back.tensors.get(name)).toEqual(value);
    expect(back.metadata).toEqual(metadata);
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
  });

  it("reads from a view that is not aligned in its buffer", () => {
    const bytes = encodeSafetensors({ tensors: new Map([["x", tensor([2], [1.5, 2.5])]]) });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors } = decodeSafetensors(shifted.subarray(3));
    expect(tensors.get("x")?.data).toEqual(Float32Array.of(1.5, 2.5));
  });

  it("reads the other element types as float32", () => {
    const read = (dtype: string, bytes: number[]): number => {
      const header = `{"x":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,${bytes.length}]}}`;
      return decodeSafetensors(fileOf(header, Uint8Array.from(bytes))).tensors.get("x")!.data[0]!;
    };
    expect(read("F16", [0x00, 0x3e])).toBe(1.5);
    expect(read("F16", [0x01, 0x80])).toBe(-(2 ** -24));
    expect(read("F16", [0xff, 0x7b])).toBe(65504);
    expect(read("F16", [0x00, 0xfc])).toBe(-Infinity);
    expect(read("F16", [0x01, 0x7e])).toBeNaN();
    expect(read("BF16", [0xc0, 0x3f])).toBe(1.5);
    expect(read("F64", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf])).toBe(-1.5);
    expect(read("I64", [0xfe, 255, 255, 255, 255, 255, 255, 255])).toBe(-2);
    expect(read("U8", [200])).toBe(200);
    expect(read("I8", [200])).toBe(-56);
    expect(read("BOOL", [1])).toBe(1);
  });

  it("refuses values that do not fill their shape", () => {
    const bad = { dtype: "float32" as const, shape: [3], data: Float32Array.of(1, 2) };
    expect(messageOf(() => encodeSafetensors({ tensors: new Map([["x", bad]]) }))).toBe(
      'tensor "x": [3] must have 3 values, got 2',
    );
  });
});

describe("a hostile safetensors file", () => {
  it("shorter than its length field", () => {
    expect(decoding(Uint8Array.of(1, 2))).toBe(
      "w.st: a safetensors file must have at least 8 bytes, got 2",
    );
  });

  it("with a length field beyond the file", () => {
    const bytes = fileOf("{}");
    new DataView(bytes.buffer).setBigUint64(0, 5000n, true);
    expect(decoding(bytes)).toBe(
      "w.st: header must lie within the file of 10 bytes, got a length of 5000; the file is truncated or no safetensors file",
    );
  });

  it("with a huge length field", () => {
    const bytes = fileOf("{}");
    bytes.fill(255, 0, 8);
    expect(decoding(bytes)).toBe(
      "w.st: header must be at most 100000000 bytes, got 18446744073709551615; is this a safetensors file?",
    );
  });

  it("whose header is no UTF-8, no JSON or no object", () => {
    expect(decoding(fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)))).toMatch(/must be UTF-8 text, got/);
    expect(decoding(fileOf("{oops"))).toBe('w.st: header must be JSON, got "{oops"...');
    expect(decoding(fileOf("[1]"))).toBe("w.st: header must be a JSON object, got [1]");
    expect(decoding(fileOf("null"))).toBe("w.st: header must be a JSON object, got null");
  });

  it("with duplicate names", () => {
    const header = `{${f32("x", [1], 0, 4)},${f32("x", [1], 4, 8)}}`;
    expect(decoding(fileOf(header, new Uint8Array(8)))).toBe(
      'w.st: every name must occur once, got "x" twice',
    );
    const escaped = `{${f32("x", [1], 0, 4)},${f32("\\u0078", [1], 4, 8)}}`;
    expect(decoding(fileOf(escaped, new Uint8Array(8)))).toMatch(/got "x" twice/);
    expect(decoding(fileOf('{"__metadata__":{"a":"1","a":"2"}}'))).toMatch(/got "a" twice/);
  });

  it("with overlapping tensors", () => {
    const header = `{${f32("a", [2], 0, 8)},${f32("b", [1], 4, 8)}}`;
    expect(decoding(fileOf(header, new Uint8Array(8)))).toBe(
      'w.st: tensor "b" must begin at byte 8 of the data, got 4: it overlaps "a", which ends at 8',
    );
  });

  it("with a hole", () => {
    const header = `{${f32("a", [1], 0, 4)},${f32("b", [1], 8, 12)}}`;
    expect(decoding(fileOf(header, new Uint8Array(12)))).toMatch(/got 8: it leaves a hole/);
    expect(decoding(fileOf(`{${f32("a", [1], 4, 8)}}`, new Uint8Array(8)))).toMatch(/a hole/);
  });

  it("whose offsets do not fit type and shape", () => {
    expect(decoding(fileOf(`{${f32("a", [3], 0, 8)}}`, new Uint8Array(8)))).toBe(
      'w.st: tensor "a": F32 [3] must take 12 bytes, got 8 (offsets 0 to 8)',
    );
    expect(decoding(fileOf(`{${f32("a", [1], 8, 4)}}`, new Uint8Array(8)))).toMatch(/got -4/);
    expect(decoding(fileOf(`{${f32("a", [-1], 0, 4)}}`, new Uint8Array(4)))).toMatch(
      /shape must be a list of sizes, got \[-1\]/,
    );
    expect(decoding(fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}'))).toMatch(
      /data_offsets must be two byte positions, got \[0\]/,
    );
    // The product overflows the integers that JavaScript counts exactly.
    expect(decoding(fileOf(`{${f32("a", [2 ** 40, 2 ** 40], 0, 4)}}`, new Uint8Array(4)))).toMatch(
      /must take/,
    );
  });

  it("with an unknown type", () => {
    const header = '{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}';
    expect(decoding(fileOf(header, new Uint8Array(1)))).toMatch(
      /^w\.st: tensor "a": dtype must be one of F64, F32, .*, got "F4"$/,
    );
  });

  it("that is truncated, or has something after its data", () => {
    const header = `{${f32("a", [2], 0, 8)}}`;
    expect(decoding(fileOf(header, new Uint8Array(7)))).toBe(
      "w.st: data must have 8 bytes by its header, got 7; the file is truncated",
    );
    expect(decoding(fileOf(header, new Uint8Array(9)))).toMatch(
      /got 9; something follows the last tensor/,
    );
  });

  it("with metadata that is no text", () => {
    expect(decoding(fileOf('{"__metadata__":{"epoch":3}}'))).toBe(
      'w.st: metadata "epoch" must be text, got 3',
    );
  });
});

describe("findDuplicateKey", () => {
  it("looks at every depth, and takes no value for a key", () => {
    expect(findDuplicateKey('{"a":{"b":1},"b":[{"c":1},{"c":2}],"d":"a"}')).toBeUndefined();
    expect(findDuplicateKey('{"a":{"b":1, "b" : 2}}')).toBe("b");
    expect(findDuplicateKey('{"a":"\\"a\\":","c":["x","x"]}')).toBeUndefined();
  });
});

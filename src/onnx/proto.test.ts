import { PbfReader } from "pbf";
import { expect, test } from "vitest";
import { full, int64, tensor, type Tensor } from "../tensor/tensor.ts";
import { encodeModel, type OnnxModel } from "./proto.ts";

type Message = Record<number, (number | string | Uint8Array)[]>;

/** The fields of a message by number: numbers for varints and floats, bytes for the rest. */
function fieldsOf(bytes: Uint8Array): Message {
  const message: Message = {};
  return new PbfReader(bytes).readFields((tag, _result, pbf) => {
    const list = (message[tag] ??= []);
    if (pbf.type === 0) list.push(pbf.readVarint(true));
    else if (pbf.type === 5) list.push(pbf.readFloat());
    else list.push(pbf.readBytes());
  }, message);
}

const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);
const inside = (value: unknown): Message => fieldsOf(value as Uint8Array);

const model: OnnxModel = {
  name: "example",
  opset: 17,
  nodes: [
    {
      opType: "Gelu",
      inputs: ["x"],
      outputs: ["y"],
      domain: "com.microsoft",
      name: "block/Gelu_0",
      attributes: {
        ratio: { float: 0.25 },
        axis: { int: -1 },
        perm: { ints: [1, 0, -2] },
        reduction: { string: "add" },
      },
    },
  ],
  inputs: [{ name: "x", dtype: "float32", shape: [2, 300] }],
  outputs: [{ name: "y", dtype: "int64", shape: [] }],
  initializers: new Map<string, Tensor>([
    ["w", tensor([2], [1, -2])],
    ["n", int64([1], [-5])],
  ]),
  metadata: { task: "skin lesions" },
};

/** Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const encoded = fieldsOf(encodeModel(model));
const graph = inside(encoded[7]![0]);

test("a model has its versions, its operator sets and its metadata", () => {
  expect(encoded[1]).toEqual([9]);
  expect(text(encoded[2]![0])).toBe("sgdc");
  const sets = encoded[8]!.map(inside).map((set) => [text(set[1]![0]), set[2]![0]]);
  expect(sets).toEqual([
    ["", 17],
    ["com.microsoft", 1],
  ]);
  const entry = inside(encoded[14]![0]);
  expect([text(entry[1]![0]), text(entry[2]![0])]).toEqual(["task", "skin lesions"]);
});

test("a node has its names, domain and attributes with their types", () => {
  expect(text(graph[2]![0])).toBe("example");
  const node = inside(graph[1]![0]);
  expect([1, 2, 3, 4, 7].map((field) => text(node[field]![0]))).toEqual([
    "x",
    "y",
    "block/Gelu_0",
    "Gelu",
    "com.microsoft",
  ]);
  const attributes = node[5]!.map(inside);
  expect(attributes.map((a) => [text(a[1]![0]), a[20]![0]])).toEqual([
    ["ratio", 1],
    ["axis", 2],
    ["perm", 7],
    ["reduction", 3],
  ]);
  const [ratio, axis, perm, reduction] = attributes as [Message, Message, Message, Message];
  expect(ratio[2]).toEqual([0.25]);
  expect(axis[3]).toEqual([-1]);
  expect(perm[8]).toEqual([1, 0, -2]);
  expect(text(reduction[4]![0])).toBe("add");
});

test("inputs and outputs have dtype and shape; a scalar has a shape without dimensions", () => {
  const infoOf = (value: unknown) => {
    const info = inside(value);
    const type = inside(inside(info[2]![0])[1]![0]);
    const shape = inside(type[2]![0]);
    return [text(info[1]![0]), type[1]![0], (shape[1] ?? []).map((d) => inside(d)[1]![0])];
  };
  expect(infoOf(graph[11]![0])).toEqual(["x", 1, [2, 300]]);
  expect(infoOf(graph[12]![0])).toEqual(["y", 7, []]);
});

test("initializers are little-endian bytes with dtype and dimensions", () => {
  const [w, n] = graph[5]!.map(inside) as [Message, Message];
  expect([w[1], w[2], text(w[8]![0])]).toEqual([[2], [1], "w"]);
  expect([...(w[9]![0] as Uint8Array)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  expect([n[1], n[2], text(n[8]![0])]).toEqual([[1], [7], "n"]);
  expect([...(n[9]![0] as Uint8Array)]).toEqual([0xfb, ...new Array<number>(7).fill(0xff)]);
});

test("an initializer that is part of a larger buffer writes its own part only", () => {
  const part = new Float32Array([9, 9, 1, 2, 9]).subarray(2, 4);
  const bytes = encodeModel({ ...model, initializers: new Map([["w", tensor([2], part)]]) });
  const w = inside(inside(fieldsOf(bytes)[7]![0])[5]![0]);
  expect([...(w[9]![0] as Uint8Array)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
});

test("the same model gives the same bytes", () => {
  const large = { ...model, initializers: new Map([["w", full([64, 64], 0.5)]]) };
  expect(encodeModel(large)).toEqual(encodeModel(large));
  expect(encodeModel(large).length).toBeGreaterThan(64 * 64 * 4);
});

import { expect, test } from "vitest";
import { full } from "../tensor/tensor.ts";
import { encodeModel, type OnnxModel } from "./proto.ts";
import { readModelHeader } from "./readModel.ts";

const model: OnnxModel = {
  ...{ name: "small", opset: 17, version: "1.2.3" },
  nodes: [{ opType: "Add", inputs: ["x", "w"], outputs: ["y"], name: "add" }],
  inputs: [{ name: "x", dtype: "uint8", shape: [1, "height", 300, 3] }],
  outputs: [{ name: "y", dtype: "float64", shape: [] }],
  initializers: new Map([["w", full([2, 3], 0.5)]]),
  metadata: { "sgdc.export": "1", labels: "[]" },
};
const bytes = encodeModel(model);

test("maker, metadata, inputs and outputs come back as they were written", () => {
  const header = readModelHeader(bytes);
  expect([header.producer, header.name]).toEqual(["sgdc", "small"]);
  expect([...header.metadata]).toEqual(Object.entries(model.metadata!));
  expect(header.inputs).toEqual(model.inputs);
  expect(header.outputs).toEqual(model.outputs);
});

test("a file cut short anywhere has no metadata, or is refused", () => {
  for (let length = 0; length < bytes.length; length++) {
    let found = -1;
    try {
      found = readModelHeader(bytes.subarray(0, length)).metadata.size;
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    expect(found).toBeLessThan(2);
  }
  expect(() => readModelHeader(bytes.subarray(0, 60))).toThrow("a file that ends early");
  expect(() => readModelHeader(new TextEncoder().encode("hello world"))).toThrow("no ONNX model");
});

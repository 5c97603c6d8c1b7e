import { expect, test } from "vitest";
import type { OnnxModel } from "../onnx/proto.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { float16Bits, withFloat16Weights } from "./float16.ts";

test("float16 is the nearest, ties to even, with signs, subnormals and carries", () => {
  const cases: readonly (readonly [value: number, bits: number])[] = [
    ...([[0, 0], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [0.1, 0x2e66]] as const), // prettier-ignore
    ...([[1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [2 - 2 ** -12, 0x4000]] as const), // prettier-ignore
    ...([[2 ** -24, 1], [2 ** -25, 0], [3 * 2 ** -25, 2], [2 ** -14, 0x400]] as const), // prettier-ignore
    ...([
      [-(2 ** -14) + 2 ** -25, 0x8400],
      [1e-9, 0],
    ] as const),
  ];
  expect([...float16Bits(Float32Array.from(cases, ([value]) => value))]).toEqual(
    cases.map(([, bits]) => bits),
  );
});

const sumsOf = (weights: ReturnType<typeof full>): OnnxModel => ({
  ...{ name: "sums", opset: 17 },
  nodes: [{ opType: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: [{ name: "x", dtype: "float32", shape: [1, 300] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1, 1] }],
  initializers: new Map([["w", weights]]),
});

test("large constants take half the room, and the engine reads them", async () => {
  const model = withFloat16Weights(sumsOf(full([300, 1], 0.1)));
  expect([...model.initializers.values()].map(({ dtype }) => dtype)).toEqual(["float16"]);
  const session = await nodeRuntime.open(model, { threads: 1 });
  const { y } = await session.run({ x: full([1, 300], 1) });
  await session.close();
  // The float16 nearest to 0.1 is 0x2e66 = 0.0999755859375.
  expect(Number(y!.data[0])).toBeCloseTo(300 * 0.0999755859375, 4);
});

test("constants that are small, or too large for float16, stay float32", () => {
  const small = { ...sumsOf(tensor([1], [0.1])) };
  expect(withFloat16Weights(small).initializers.get("w")?.dtype).toBe("float32");
  expect(withFloat16Weights(sumsOf(full([300, 1], 7e4))).initializers.has("w")).toBe(true);
});

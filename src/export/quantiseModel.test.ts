import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import type { OnnxModel } from "../onnx/proto.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { affineOf, quantiseWeights } from "./quantisation.ts";
import { quantisedModel, quantiseModel, sitesOf } from "./quantiseModel.ts";

const random = new Random(11);
const numbers = (length: number, low: number, high: number): Float32Array =>
  Float32Array.from({ length }, () => low + (high - low) * random.next());

const weights = numbers(4 * 3 * 3 * 3, -0.4, 0.5);
const bias = numbers(4, -0.3, 0.3);

/** relu(conv(x)), a second convolution without bias, and a sigmoid. */
const network: OnnxModel = {
  ...{ name: "two", opset: 17 },
  nodes: [
    {
      ...{ opType: "Conv", inputs: ["image", "w", "b"], outputs: ["c"], name: "first" },
      attributes: { pads: { ints: [1, 1, 1, 1] }, kernel_shape: { ints: [3, 3] } },
    },
    { opType: "Relu", inputs: ["c"], outputs: ["r"] },
    { opType: "Conv", inputs: ["r", "v"], outputs: ["d"], name: "second" },
    { opType: "Sigmoid", inputs: ["d"], outputs: ["probability"] },
  ],
  inputs: [{ name: "image", dtype: "float32", shape: [1, 3, 5, 6] }],
  outputs: [{ name: "probability", dtype: "float32", shape: [1, 1, 5, 6] }],
  initializers: new Map([
    ["w", tensor([4, 3, 3, 3], weights)],
    ["b", tensor([4], bias)],
    ["v", tensor([1, 4, 1, 1], [0.9, -0.7, 0.2, 0.4])],
  ]),
};

const imageOf = (): Tensor<"float32"> => tensor([1, 3, 5, 6], numbers(90, -2, 2));

test("a convolution ends at the ReLU that alone takes its result", () => {
  expect(sitesOf(network).map(({ name, x, y }) => [name, x, y])).toEqual([
    ["first", "image", "r"],
    ["second", "r", "d"],
  ]);
});

test("a convolution in whole numbers gives what a float64 loop over whole numbers gives", async () => {
  const [site] = sitesOf(network);
  const [x, y] = [affineOf(-2, 2), affineOf(0, 3)];
  const ranges = new Map([
    ["image", x],
    ["r", y],
  ]);
  const model = quantisedModel(network, [site!], ranges);
  const shown = {
    ...model,
    outputs: [{ name: "r/dq", dtype: "float32", shape: [1, 4, 5, 6] } as const],
  };
  const session = await nodeRuntime.open(shown, { threads: 1 });
  const image = imageOf();
  const { "r/dq": result } = await session.run({ image });
  await session.close();

  const whole = quantiseWeights(weights, 4, x.scale, bias);
  const q = (v: number, { scale, zero }: typeof x): number =>
    Math.min(255, Math.max(0, Math.round(v / scale) + zero)) - zero;
  let largest = 0;
  for (let k = 0; k < 4; k++) {
    for (let at = 0; at < 30; at++) {
      let sum = whole.bias![k]!;
      for (let i = 0; i < 27; i++) {
        const [c, dy, dx] = [Math.floor(i / 9), (Math.floor(i / 3) % 3) - 1, (i % 3) - 1];
        const [row, column] = [Math.floor(at / 6) + dy, (at % 6) + dx];
        if (row < 0 || row > 4 || column < 0 || column > 5) continue;
        sum += whole.weights[k * 27 + i]! * q(image.data[c * 30 + row * 6 + column]!, x);
      }
      const expected = q(Math.max(0, sum * x.scale * whole.scales[k]!), y) * y.scale;
      largest = Math.max(largest, Math.abs(expected - Number(result!.data[k * 30 + at])));
    }
  }
  // At a tie the engine may take the other step.
  expect(largest).toBeLessThan(1.01 * y.scale);
  expect(Math.max(...Array.from(result!.data, Number))).toBeGreaterThan(0.5);
});

test("what each layer costs is measured, and the engine gives what was promised", async () => {
  const images = [imageOf(), imageOf(), imageOf(), imageOf()];
  const loose = await quantiseModel(network, images, nodeRuntime, { tolerance: 0.05, threads: 1 });
  expect(loose.layers.map(({ float }) => float)).toEqual([false, false]);
  expect(loose.error).toBeGreaterThan(0);
  expect(loose.error).toBeLessThan(0.05);
  expect(loose.model.nodes.filter(({ opType }) => opType === "QuantizeLinear")).toHaveLength(3);
  for (const { error } of loose.layers) expect(error).toBeGreaterThan(0);
  const session = await nodeRuntime.open(loose.model, { threads: 1 });
  const plain = await nodeRuntime.open(network, { threads: 1 });
  const [a, b] = [await session.run({ image: images[0]! }), await plain.run({ image: images[0]! })];
  await session.close();
  await plain.close();
  const gaps = [...a["probability"]!.data].map((v, i) =>
    Math.abs(Number(v) - Number(b["probability"]!.data[i])),
  );
  expect(Math.max(...gaps)).toBeLessThan(0.05);
  expect(Math.max(...gaps)).toBeGreaterThan(0);
});

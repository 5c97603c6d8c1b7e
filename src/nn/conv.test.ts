import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { Random } from "../base/random.ts";
import { sizeOf } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { conv2d, convTranspose2d, standardisedConv2d } from "./conv.ts";
import { Scope } from "./scope.ts";

const random = Random.of("standardised");
const draw = (shape: number[]): Tensor<"float32"> =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
  );
const image = draw([2, 3, 6, 5]);
const weight = draw([4, 3, 3, 3]);

const run = async (layer: typeof standardisedConv2d, w: Tensor): Promise<number[]> => {
  const { scope } = Scope.root({ kind: "predict", weights: new Map([["weight", w]]) });
  const options = { kernel: 3, stride: 2, padding: 1, bias: false };
  const y = layer(scope, input("x", image.shape), 4, options);
  return numbersOf((await evaluate({ y }, { x: image })).y!);
};

test("a standardised convolution is a convolution with weights of mean 0 and variance 1 for each output channel", async () => {
  const standard = new Float32Array(weight.data.length);
  for (let k = 0; k < 4; k++) {
    const row = weight.data.slice(27 * k, 27 * k + 27);
    const mean = row.reduce((a, b) => a + b) / 27;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 27;
    for (const [i, v] of row.entries())
      standard[27 * k + i] = (v - mean) / Math.sqrt(variance + 1e-5);
  }
  const expected = await run(conv2d, tensor(weight.shape, standard));
  for (const [i, v] of (await run(standardisedConv2d, weight)).entries())
    expect(v).toBeCloseTo(expected[i]!, 4);
});

test("adding a number to the weights of an output channel changes nothing", async () => {
  const moved = weight.data.map((v, i) => v + Math.floor(i / 27) - 2);
  const expected = await run(standardisedConv2d, weight);
  for (const [i, v] of (await run(standardisedConv2d, tensor(weight.shape, moved))).entries())
    expect(v).toBeCloseTo(expected[i]!, 4);
});

test("a transposed convolution names its parameters as PyTorch does, input channels first", () => {
  const { scope, registry } = Scope.root({ kind: "train" });
  const y = convTranspose2d(scope.at("up"), input("x", [2, 6, 4, 5]), 3, { kernel: 2, stride: 2 });
  expect(y.shape).toEqual([2, 3, 8, 10]);
  const options = { kernel: 4, stride: 2, padding: 1, bias: false };
  expect(convTranspose2d(scope.at("deconv"), y, 3, options).shape).toEqual([2, 3, 16, 20]);
  expect([...registry.parameters.values()].map(({ spec }) => [spec.name, spec.shape])).toEqual([
    ["up.weight", [6, 3, 2, 2]],
    ["up.bias", [3]],
    ["deconv.weight", [3, 3, 4, 4]],
  ]);
});

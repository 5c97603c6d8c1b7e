/** Losses against golden tensors: value, and gradient with respect to the logits. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../helpers/checkOp.ts";
import { backward } from "../../src/autodiff/backward.ts";
import { constant, input, type Value } from "../../src/graph/value.ts";
import { allClassDiceLoss } from "../../src/losses/allClassDiceLoss.ts";
import { crossEntropy } from "../../src/losses/crossEntropy.ts";
import { outerBoundary } from "../../src/losses/outerBoundary.ts";
import { structureLoss } from "../../src/losses/structureLoss.ts";
import { readSafetensors } from "../../src/tensor/safetensors.node.ts";
import { full, tensor, type Tensor } from "../../src/tensor/tensor.ts";
import { evaluate } from "../helpers/evaluate.ts";
import { goldenFiles } from "./goldens.ts";

const read = async (name: string): Promise<ReadonlyMap<string, Tensor<"float32">>> => {
  const found = goldenFiles(".safetensors").find((file) => file.name === name);
  if (!found) throw new Error(`golden ${name}: must be there, got none`);
  return (await readSafetensors(found.path)).tensors;
};

/** A label map [N, H, W] with 0 and 1 as two maps, the background first. */
function oneHot({ shape, data }: Tensor): Tensor<"float32"> {
  const [n = 1, height = 1, width = 1] = shape;
  const pixels = height * width;
  const values = new Float32Array(2 * n * pixels);
  for (let i = 0; i < data.length; i++) {
    const image = Math.floor(i / pixels);
    values[(2 * image + Number(data[i])) * pixels + (i % pixels)] = 1;
  }
  return tensor([n, 2, height, width], values);
}

/** The class-1 logit against class 0, which a network with one channel gives. */
function difference({ shape, data }: Tensor): Tensor<"float32"> {
  const [n = 1, , height = 1, width = 1] = shape;
  const pixels = height * width;
  return tensor(
    [n, 1, height, width],
    Float32Array.from({ length: n * pixels }, (_, i) => {
      const at = 2 * Math.floor(i / pixels) * pixels + (i % pixels);
      return Number(data[at + pixels]) - Number(data[at]);
    }),
  );
}

async function run(loss: (x: Value) => Value, logits: Tensor) {
  const x = input("x", logits.shape);
  const y = loss(x);
  const [gradient] = backward(y, [x]);
  const results = await evaluate({ y, ...(gradient && { gradient }) }, { x: logits });
  return { y: Number(results.y!.data[0]), gradient: results.gradient };
}

describe.each<[string, (x: Value, t: Value) => Value]>([
  ["cto-loss-structure-b1", structureLoss],
  ["cto-loss-structure-b2", structureLoss],
  ["mediseg-loss-dice", allClassDiceLoss],
  ["mediseg-loss-ce", crossEntropy],
])("%s", (name, loss) => {
  test("value and gradient", async () => {
    const tensors = await read(name);
    const target = constant(oneHot(tensors.get("target/0")!));
    const { y, gradient } = await run((x) => loss(x, target), tensors.get("in/0")!);
    expect(y / tensors.get("out/0")!.data[0]! - 1).toBeCloseTo(0, 5);
    const expected = tensors.get("train/grad/in/0")!.data;
    expectClose(gradient!.data as Float32Array, expected, 1e-4, "gradient");
  });
});

test("the structure loss of one channel is that of two classes", async () => {
  const tensors = await read("cto-loss-structure-b2");
  const target = tensors.get("target/0")!;
  const [n = 1, height = 1, width = 1] = target.shape;
  const mask = constant(tensor([n, 1, height, width], target.data));
  const { y, gradient } = await run(
    (x) => structureLoss(x, mask),
    difference(tensors.get("in/0")!),
  );
  expect(y / tensors.get("out/0")!.data[0]! - 1).toBeCloseTo(0, 5);
  // The gradient of class 1's logit.
  const expected = tensors.get("train/grad/in/0")!.data;
  const pixels = height * width;
  const ofClass1 = Array.from({ length: n * pixels }, (_, i) => {
    return expected[(2 * Math.floor(i / pixels) + 1) * pixels + (i % pixels)]!;
  });
  expectClose(gradient!.data as Float32Array, ofClass1, 1e-4, "gradient");
});

test("with its own weights, the loss of a batch is the mean over its images; as released, it is not", async () => {
  // A square in one image, nothing in the other; the logits are right about a fifth of it.
  const draw = (inside: (y: number, x: number) => number): number[] =>
    Array.from({ length: 40 * 40 }, (_, i) => inside(Math.floor(i / 40), i % 40));
  const square = draw((y, x) => (y >= 10 && y < 30 && x >= 10 && x < 30 ? 1 : 0));
  const guess = draw((y, x) => (y >= 10 && y < 14 && x >= 5 && x < 35 ? 4 : -4));
  const empty = draw(() => 0);
  const batch = (...maps: number[][]): Tensor<"float32"> =>
    tensor([maps.length, 1, 40, 40], maps.flat());
  const lossOf = async (weights: "own" | "released", ...masks: number[][]): Promise<number> => {
    const mask = constant(batch(...masks));
    const logits = batch(...masks.map(() => guess));
    return (await run((x) => structureLoss(x, mask, { weights }), logits)).y;
  };
  const single = ((await lossOf("own", square)) + (await lossOf("own", empty))) / 2;
  expect((await lossOf("own", square, empty)) / single - 1).toBeCloseTo(0, 5);
  expect(await lossOf("released", square)).toBeCloseTo(await lossOf("own", square), 4);
  expect(Math.abs((await lossOf("released", square, empty)) / single - 1)).toBeGreaterThan(0.02);
});

test("cto-loss-edge-as-published: a constant, so that nothing supervises the edge map", async () => {
  const tensors = await read("cto-loss-edge-as-published");
  const labels = tensors.get("target/0")!;
  const [n = 1, height = 1, width = 1] = labels.shape;
  const target = constant(tensor([n, 1, height, width], labels.data));
  const { y, gradient } = await run((x) => allClassDiceLoss(x, target), tensors.get("in/0")!);
  expect(y / tensors.get("out/0")!.data[0]! - 1).toBeCloseTo(0, 5);
  expect(gradient).toBeUndefined();
  const zeros = tensors.get("train/grad/in/0")!;
  expect(zeros.data).toEqual(full(zeros.shape, 0).data);
});

test("cto-boundary-target: the ring outside the mask, to the pixel", async () => {
  const tensors = await read("cto-boundary-target");
  const labels = tensors.get("mask")!;
  const [n = 1, height = 1, width = 1] = labels.shape;
  const mask = constant(tensor([n, 1, height, width], labels.data));
  const { ring } = await evaluate({ ring: outerBoundary(mask) });
  expect(ring!.data).toEqual(tensors.get("boundary")!.data);
  // One-hot masks: the union over classes, here one.
  const two = await evaluate({ ring: outerBoundary(constant(oneHot(labels))) });
  expect(two.ring!.data).toEqual(tensors.get("boundary")!.data);
});

import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { conv2d } from "../ops/conv2d.ts";
import { matmul } from "../ops/matmul.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { sum } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { graphOf, type Graph } from "./graph.ts";
import { toOnnx } from "./toOnnx.ts";
import { input, type Value } from "./value.ts";

const typesOf = (graph: Graph): string[] =>
  toOnnx(graph, { asWritten: true }).nodes.map(({ opType }) => opType);

const counted = (shape: readonly number[], scale: number): Tensor =>
  tensor(
    [...shape],
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => scale * Math.sin(i + 1)),
  );

/** The largest difference between a graph run as written and the same left to the engine. */
async function difference(graph: Graph): Promise<number> {
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, value }, i) => [name, counted(value.shape, 1 + i)]),
  );
  const [plain, written] = await Promise.all(
    [false, true].map(async (asWritten) => {
      const session = await nodeRuntime.open(toOnnx(graph, { asWritten }), {
        asWritten,
        threads: 1,
      });
      const results = await session.run(feeds);
      await session.close();
      return graph.outputs.flatMap(({ name }) => [...results[name]!.data].map(Number));
    }),
  );
  return Math.max(...plain!.map((v, i) => Math.abs(v - written![i]!)));
}

const x = input("x", [2, 3, 5, 5]);
const w = input("w", [4, 3, 3, 3]);
const graphWith = (outputs: Record<string, Value>): Graph => graphOf("fused", outputs);

test("a convolution takes in the ReLU after it, with the same result", async () => {
  const graph = graphWith({ y: relu(conv2d(x, w, null, { padding: 1 })) });
  expect(typesOf(graph)).toEqual(["FusedConv"]);
  expect(await difference(graph)).toBeLessThan(1e-5);
});

test("a convolution that is needed without its ReLU, too, stays by itself", async () => {
  const y = conv2d(x, w);
  const both = graphWith({ y: relu(y), s: sum(y) });
  expect(typesOf(both)).toEqual(expect.arrayContaining(["Conv", "Relu"]));
  const asked = graphWith({ y, z: relu(y) });
  expect(typesOf(asked)).toEqual(["Conv", "Relu"]);
  expect(await difference(asked)).toBeLessThan(1e-5);
});

test("a matrix product takes in transpositions of the last two axes, and no others", async () => {
  const a = input("a", [2, 3, 4]);
  const b = input("b", [2, 3, 5]);
  const swapped = graphWith({ y: matmul(transpose(a, [0, 2, 1]), b) });
  expect(typesOf(swapped)).toEqual(["FusedMatMul"]);
  const other = graphWith({ y: matmul(transpose(a, [1, 2, 0]), input("d", [3, 2, 5])) });
  expect(typesOf(other)).toEqual(["Transpose", "MatMul"]);
  const c = input("c", [2, 4, 5]);
  const product = matmul(a, c);
  const [da, dc] = backward(sum(mul(product, product)), [a, c]);
  const gradient = graphWith({ da: da!, dc: dc! });
  expect(typesOf(gradient)).not.toContain("Transpose");
  for (const graph of [swapped, other, gradient])
    expect(await difference(graph)).toBeLessThan(1e-4);
});

test("graphs for other devices, and those that the engine may change, keep the standard operators", () => {
  const graph = graphWith({ y: relu(conv2d(x, w)) });
  expect(toOnnx(graph).nodes.map(({ opType }) => opType)).toEqual(["Conv", "Relu"]);
  expect(
    toOnnx(graph, { target: "portable", asWritten: true }).nodes.map(({ opType }) => opType),
  ).toEqual(["Conv", "Relu"]);
});

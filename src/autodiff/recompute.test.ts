import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { constant, input, type Value } from "../graph/value.ts";
import { batchMoments, batchNorm2d } from "../ops/batchNorm2d.ts";
import { conv2d } from "../ops/conv2d.ts";
import { add } from "../ops/add.ts";
import { relu } from "../ops/relu.ts";
import { sum } from "../ops/sum.ts";
import { mul } from "../ops/mul.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { backward } from "./backward.ts";
import { recompute } from "./recompute.ts";

/** Two convolutions with norm and ReLU and a shortcut: loss and gradients, and the maps of the forward half. */
function example(side: number) {
  const x = input("x", [2, 4, side, side]);
  const weights = [input("v", [4, 4, 3, 3]), input("w", [4, 4, 3, 3])];
  const ones = constant(full([4], 1));
  const norm = (v: Value): Value =>
    batchNorm2d(v, batchMoments(v), ones, ones, { eps: 1e-5, trained: true });
  const [v, w] = weights as [Value, Value];
  const first = relu(norm(conv2d(x, v, null, { padding: 1 })));
  const second = relu(add(norm(conv2d(first, w, null, { padding: 1 })), first));
  const loss = sum(mul(second, second));
  const [dv, dw] = backward(loss, [v, w]);
  return { outputs: { loss, dv: dv!, dw: dw! }, maps: [first, second] };
}

const feedsFor = (side: number) => {
  const wave = (shape: number[], step: number) =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(step * (i + 1))),
    );
  return {
    x: wave([2, 4, side, side], 0.7),
    v: wave([4, 4, 3, 3], 1.3),
    w: wave([4, 4, 3, 3], 2.1),
  };
};

test("loss and gradients are the same bit for bit", async () => {
  const { outputs } = example(24);
  const kept = await evaluate(outputs, feedsFor(24));
  const made = await evaluate(recompute(outputs), feedsFor(24));
  for (const name of Object.keys(outputs)) {
    expect(numbersOf(made[name]!), name).toEqual(numbersOf(kept[name]!));
    expect(numbersOf(made[name]!).some((value) => value !== 0)).toBe(true);
  }
});

test("the backward half reads no cheap map of the forward half, and the written graph makes each once more", () => {
  const { outputs, maps } = example(24);
  const readBackwards = (all: Record<string, Value>): Set<number> =>
    new Set(
      graphOf("g", all).nodes.flatMap(({ node }) =>
        node.backward ? node.inputs.map(({ id }) => id) : [],
      ),
    );
  const before = readBackwards(outputs);
  const after = readBackwards(recompute(outputs));
  for (const { id } of maps) {
    expect(before.has(id)).toBe(true);
    expect(after.has(id)).toBe(false);
  }
  const relus = (all: Record<string, Value>): number =>
    toOnnx(graphOf("g", all)).nodes.filter(({ opType }) => opType === "Relu").length;
  expect(relus(outputs)).toBe(2);
  expect(relus(recompute(outputs))).toBe(4);
});

test("small values are kept", () => {
  const { outputs } = example(4);
  const count = (all: Record<string, Value>): number => graphOf("g", all).nodes.length;
  expect(count(recompute(outputs))).toBe(count(outputs));
});

import { expect, test } from "vitest";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { ArgumentError, InternalError } from "../base/errors.ts";
import type { Shape } from "../tensor/shape.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { graphOf, validate, type Graph } from "./graph.ts";
import { apply, defineOp, input, withPath, type Value } from "./value.ts";

/** An operator whose inferred shape can be changed afterwards. */
function changing(shape: Shape) {
  const state = { shape };
  const op = defineOp<[x: Value]>({
    name: "changing",
    infer: ([x]) => ({ dtype: x.dtype, shape: state.shape }),
    emit: (_e, [x]) => x,
    grad: () => [null],
  });
  return { op, state };
}

test("a graph holds what its outputs depend on, operands before results", () => {
  const [a, b, unused] = [input("a", [2]), input("b", [2]), input("unused", [2])];
  const product = mul(a, b);
  const dead = sigmoid(add(product, unused));
  const y = relu(product);
  const graph = graphOf("g", { y, product });
  expect(graph.inputs).toEqual([
    { name: "a", value: a },
    { name: "b", value: b },
  ]);
  expect(graph.nodes.map(({ value }) => value)).toEqual([product, y]);
  expect(graph.nodes.map(({ value }) => value.id)).not.toContain(dead.id);
  expect(graph.outputs.map(({ name }) => name)).toEqual(["y", "product"]);
});

test("a deep graph does not exhaust the stack", () => {
  let value: Value = input("x", [1]);
  for (let i = 0; i < 20_000; i++) value = relu(value);
  expect(graphOf("deep", { value }).nodes).toHaveLength(20_000);
});

test("one input used twice is one input; two of one name are refused", () => {
  const x = input("x", [2]);
  expect(graphOf("g", { y: add(x, mul(x, x)) }).inputs).toHaveLength(1);
  expectError(
    () => graphOf("g", { y: add(x, input("x", [2])) }),
    ArgumentError,
    "graph g: input names must be unique, got x twice",
  );
});

test("an output named as another value's input is refused", () => {
  const x = input("x", [2]);
  expectError(
    () => graphOf("g", { x: relu(x) }),
    ArgumentError,
    "graph g: output names must differ from input names, got x twice",
  );
  expect(graphOf("g", { x }).outputs).toHaveLength(1);
});

test("operands after results are refused", () => {
  const x = input("x", [2]);
  const first = relu(x);
  const second = withPath("block", () => sigmoid(first));
  const { nodes, ...rest } = graphOf("g", { second });
  const turned: Graph = { ...rest, nodes: [...nodes].reverse() };
  expectError(
    () => {
      validate(turned);
    },
    InternalError,
    "graph g: sigmoid at block: operands must come before results, got a cycle",
  );
});

test("dimensions that are not whole and positive are refused", () => {
  for (const shape of [[0, 2], [-1], [1.5]]) {
    const { op } = changing(shape);
    expectError(
      () => graphOf("g", { y: apply(op, [input("x", [2])]) }),
      InternalError,
      `graph g: changing: dimensions must be whole and positive, got [${shape.join(", ")}]`,
    );
  }
});

test("a shape that is no longer what the operator infers is refused", () => {
  const { op, state } = changing([2]);
  const y = apply(op, [input("x", [2])]);
  expect(graphOf("g", { y }).nodes).toHaveLength(1);
  state.shape = [3];
  expectError(
    () => graphOf("g", { y }),
    InternalError,
    "graph g: changing: must stay [3], got [2]",
  );
});

test("constants are operands from the start", () => {
  expect(graphOf("g", { y: relu(scalar(1)) }).nodes).toHaveLength(1);
});

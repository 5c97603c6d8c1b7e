import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { add } from "../ops/add.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { scalar } from "../ops/scalar.ts";
import { sum } from "../ops/sum.ts";
import { InternalError } from "../base/errors.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { full, int64, tensor } from "../tensor/tensor.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { graphOf } from "./graph.ts";
import { toOnnx } from "./toOnnx.ts";
import { apply, constant, defineOp, input, withPath, type Value } from "./value.ts";

const modelOf = (outputs: Record<string, Value>) => toOnnx(graphOf("model", outputs));

test("a model has the names, types and metadata of its graph", () => {
  const x = input("x", [2, 3]);
  const index = input("index", [2], "int64");
  const model = toOnnx(graphOf("model", { y: relu(x), index }), {
    metadata: { made: "by a test" },
  });
  expect(model).toMatchObject({ name: "model", opset: 17, metadata: { made: "by a test" } });
  expect(model.inputs).toEqual([
    { name: "x", dtype: "float32", shape: [2, 3] },
    { name: "index", dtype: "int64", shape: [2] },
  ]);
  expect(model.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
    ["y", "float32"],
    ["index", "int64"],
  ]);
});

test("nodes are named by the path of their block, those of gradients with a prefix", () => {
  const x = input("x", [2]);
  const loss = sum(withPath("block.gate", () => relu(x)));
  const [dx] = backward(loss, [x]);
  const names = modelOf({ loss, dx: dx! }).nodes.map(({ name }) => name!);
  expect(names.some((name) => /^block\.gate\/Relu_\d+$/.test(name))).toBe(true);
  expect(names.some((name) => /^grad:block\.gate\/\w+_\d+$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});

test("equal small constants share one initializer", () => {
  const x = input("x", [2]);
  const y = add(mul(x, scalar(2)), mul(add(x, scalar(2)), scalar(3)));
  expect(modelOf({ y }).initializers.size).toBe(2);
});

test("constants that differ in shape or dtype do not share", async () => {
  const x = input("x", [1]);
  const y = add(
    add(mul(x, constant(tensor([1], [4]))), constant(tensor([], [4]))),
    // A reshape brings the int64 list [1, 1], the next one [1].
    reshape(reshape(x, [1, 1]), [1]),
  );
  const { initializers } = modelOf({ y });
  expect([...initializers.values()].map(({ dtype, shape }) => [dtype, shape.length])).toEqual(
    expect.arrayContaining([
      ["float32", 1],
      ["float32", 0],
      ["int64", 1],
      ["int64", 1],
    ]),
  );
  expect(initializers.size).toBe(4);
  const results = await evaluate({ y }, { x: tensor([1], [3]) });
  expect(numbersOf(results.y!)).toEqual([19]);
});

test("large constants are shared where they are one tensor, not compared", () => {
  const x = input("x", [100]);
  const one = full([100], 1);
  const same = add(mul(x, constant(one)), constant(one));
  expect(modelOf({ same }).initializers.size).toBe(1);
  const other = add(mul(x, constant(one)), constant(full([100], 1)));
  expect(modelOf({ other }).initializers.size).toBe(2);
});

test("the initializer of a constant is the tensor itself, not a copy", () => {
  const weights = full([100], 1);
  const { initializers } = modelOf({ y: mul(input("x", [100]), constant(weights)) });
  expect([...initializers.values()]).toEqual([weights]);
  expect([...initializers.values()][0]).toBe(weights);
});

test("outputs may be inputs, constants, duplicates, or values used inside", async () => {
  const x = input("x", [2]);
  const h = relu(x);
  const y = add(h, scalar(1));
  const outputs = {
    h,
    y,
    again: y,
    copy: x,
    x,
    two: constant(tensor([], [2])),
    list: constant(int64([2], [7, 8])),
    also: constant(tensor([], [2])),
  };
  const results = await evaluate(outputs, { x: tensor([2], [-3, 3]) });
  expect(Object.fromEntries(Object.entries(results).map(([k, v]) => [k, numbersOf(v)]))).toEqual({
    h: [0, 3],
    y: [1, 4],
    again: [1, 4],
    copy: [-3, 3],
    x: [-3, 3],
    two: [2],
    list: [7, 8],
    also: [2],
  });
  expect(results.list!.dtype).toBe("int64");
});

test("an output takes its name without an extra node where it can", () => {
  const x = input("x", [2]);
  expect(modelOf({ y: relu(x) }).nodes.map(({ opType }) => opType)).toEqual(["Relu"]);
});

test("a value that the graph does not hold is a fault of the library", () => {
  const x = input("x", [2]);
  const y = relu(x);
  const graph = graphOf("model", { y });
  const without = { ...graph, nodes: [] };
  expectError(() => toOnnx(without), InternalError, `graph model: value ${y.id} is unknown`);
});

test("the body of a loop may use a value from outside that is an output under another name", async () => {
  // Y_t = Y_{t-1} F + X_t along the first axis.
  const recurrence = defineOp<[x: Value, factor: Value]>({
    name: "recurrence",
    infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
    emit(e, [x, factor], _attributes, { output }) {
      const shape = output.shape.slice(1);
      const body = e.body([shape, shape], ([before = "", now = ""]) => {
        const next = e.op("Add", [e.op("Mul", [before, factor]), now]);
        return [
          [next, shape],
          [e.op("Identity", [next]), shape],
        ];
      });
      const start = e.op("Expand", [e.scalar(0), e.ints(shape)]);
      return e.ops("Scan", [start, x], 2, { body, num_scan_inputs: { int: 1 } })[1]!;
    },
    grad: () => [null, null],
  });
  const x = input("x", [3, 2]);
  const factor = add(input("f", [2]), scalar(1));
  const results = await evaluate(
    { factor, y: apply(recurrence, [x, factor]) },
    { x: tensor([3, 2], [1, 2, 3, 4, 5, 6]), f: tensor([2], [0, 9]) },
  );
  expect(numbersOf(results.factor!)).toEqual([1, 10]);
  expect(numbersOf(results.y!)).toEqual([1, 2, 4, 24, 9, 246]);
});

test("equal nodes are written once", async () => {
  const x = input("x", [2]);
  const model = modelOf({ y: mul(add(relu(x), scalar(1)), add(relu(x), scalar(2))) });
  expect(model.nodes.map(({ opType }) => opType)).toEqual(["Relu", "Add", "Add", "Mul"]);
  const results = await evaluate(
    { y: mul(add(relu(x), scalar(1)), add(relu(x), scalar(2))) },
    { x: tensor([2], [-1, 3]) },
  );
  expect(numbersOf(results.y!)).toEqual([2, 20]);
});

test("what only gives outputs stands at the end, the last first, and the engine computes in the order of creation", async () => {
  const x = input("x", [4]);
  const first = relu(x);
  const second = mul(add(first, scalar(1)), scalar(2));
  const outputs = { first: mul(first, scalar(3)), second: mul(second, scalar(5)), x3: add(x, x) };
  const model = modelOf(outputs);
  expect(model.nodes.map(({ outputs: [name] }) => name).slice(-3)).toEqual([
    "x3",
    "second",
    "first",
  ]);
  const folder = await mkdtemp(join(tmpdir(), "order-"));
  try {
    const session = await nodeRuntime.open(model, {
      asWritten: true,
      threads: 1,
      profilePrefix: join(folder, "run"),
    });
    await session.run({ x: tensor([4], [1, 2, 3, 4]) });
    await session.close();
    const [file = ""] = await readdir(folder);
    const events = JSON.parse(await readFile(join(folder, file), "utf8")) as {
      name: string;
      cat: string;
    }[];
    const order = events
      .filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"))
      .map(({ name }) => model.nodes.findIndex((n) => name.startsWith(n.name!)))
      .map((i) => model.nodes[i]!.outputs[0]!);
    expect(order.indexOf("first")).toBeLessThan(order.indexOf("second"));
    expect(order.indexOf("second")).toBeLessThan(order.indexOf("x3"));
    // Before anything that only the second needs.
    expect(order.indexOf("first")).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

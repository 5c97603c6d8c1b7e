import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { apply, constant, defineOp, input, withPath, type Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { expand } from "../ops/expand.ts";
import { mul } from "../ops/mul.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { scalar } from "../ops/scalar.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { slice, split } from "../ops/slice.ts";
import { softplus } from "../ops/softplus.ts";
import { sum } from "../ops/sum.ts";
import { ArgumentError, InternalError, ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, elementwise } from "../../test/helpers/loops.ts";
import { backward } from "./backward.ts";

/** The operators of a graph, in order. */
const operatorsOf = (...outputs: Value[]): string[] =>
  graphOf("g", Object.fromEntries(outputs.map((v, i) => [`y${i}`, v]))).nodes.map(
    ({ node }) => node.op.name,
  );

test("a value used several times gathers the gradients of all its uses", async () => {
  await checkOp(
    (x) => add(mul(x, x), mul(x, softplus(x))),
    [[2, 3]],
    elementwise((x) => x * x + x * Math.log1p(Math.exp(x))),
  );
  await checkOp(
    (x) => add(add(relu(x), sigmoid(x)), add(softplus(x), mul(x, scalar(3)))),
    [[7]],
    elementwise((x) => Math.max(x, 0) + 1 / (1 + Math.exp(-x)) + Math.log1p(Math.exp(x)) + 3 * x),
  );
});

test("more than two gradients of one shape are added by one node", () => {
  const x = input("x", [4]);
  const loss = sum(add(add(softplus(x), sigmoid(x)), relu(x)));
  const [dx] = backward(loss, [x]);
  const names = operatorsOf(dx!);
  expect(names.filter((name) => name === "sumOf")).toHaveLength(1);
  expect(names).not.toContain("add");
});

test("gradients pass through values that were asked for themselves", async () => {
  const x = input("x", [2]);
  const h = mul(x, x);
  const loss = sum(mul(h, h));
  const [dh, dx, dLoss] = backward(loss, [h, x, loss]);
  const results = await evaluate({ dh: dh!, dx: dx!, dLoss: dLoss! }, { x: tensor([2], [1, 2]) });
  expect(numbersOf(results.dh!)).toEqual([2, 8]);
  expect(numbersOf(results.dx!)).toEqual([4, 32]);
  expect(numbersOf(results.dLoss!)).toEqual([1]);
});

test("a gradient has the shape of its value: broadcast axes are summed", async () => {
  const x = input("x", [3, 1]);
  const bias = input("bias", [4]);
  const factor = input("factor", []);
  const loss = sum(mul(add(x, bias), factor));
  const gradients = backward(loss, [x, bias, factor]).map((g) => g!);
  expect(gradients.map((g) => g.shape)).toEqual([[3, 1], [4], []]);
  const [dx, dBias, dFactor] = gradients as [Value, Value, Value];
  const results = await evaluate(
    { dx, dBias, dFactor },
    {
      x: tensor([3, 1], [1, 2, 3]),
      bias: tensor([4], [0, 0, 0, 1]),
      factor: tensor([], [2]),
    },
  );
  expect(numbersOf(results.dx!)).toEqual([8, 8, 8]);
  expect(numbersOf(results.dBias!)).toEqual([6, 6, 6, 6]);
  expect(numbersOf(results.dFactor!)).toEqual([27]);
});

test("the parts of a split come back joined, without zeros and without additions", () => {
  const x = input("x", [2, 6]);
  const [a, b, c] = split(x, 1, [1, 2, 3]) as [Value, Value, Value];
  const loss = add(add(sum(softplus(a)), sum(relu(b))), sum(sigmoid(c)));
  const [dx] = backward(loss, [x]);
  const text = printGraph(graphOf("split", { dx: dx! }));
  expect(text).toContain("concat(");
  expect(text).toContain(`out  dx = %${dx!.id}`);
  expect(text).not.toContain("padZeros");
  expect(operatorsOf(dx!).filter((name) => name === "add" || name === "sumOf")).toEqual([]);
});

test("parts of a split with holes, overlaps and other uses give the same numbers", async () => {
  const part = (x: Value, from: number, to: number): Value => slice(x, 1, from, to);
  // A hole at 2..4 and after 5.
  await checkOp(
    (x) => mul(softplus(part(x, 0, 2)), part(x, 4, 5)),
    [[2, 7]],
    (x) => build([2, 2], (i, j) => Math.log1p(Math.exp(at(x, i, j))) * at(x, i, 4)),
  );
  // A hole in front.
  await checkOp(
    (x) => mul(part(x, 2, 3), part(x, 3, 5)),
    [[2, 5]],
    (x) => build([2, 2], (i, j) => at(x, i, 2) * at(x, i, 3 + j)),
  );
  // An overlap at 2..3.
  await checkOp(
    (x) => mul(part(x, 0, 3), part(x, 2, 5)),
    [[2, 5]],
    (x) => build([2, 3], (i, j) => at(x, i, j) * at(x, i, j + 2)),
  );
  // The same part twice, and the whole.
  await checkOp(
    (x) => mul(mul(part(x, 0, 1), part(x, 0, 1)), x),
    [[2, 3]],
    (x) => build([2, 3], (i, j) => at(x, i, 0) ** 2 * at(x, i, j)),
  );
});

test("parts along two axes of one value are joined axis by axis and added", async () => {
  await checkOp(
    (x) =>
      add(
        sum(mul(slice(x, 1, 0, 1), slice(x, 1, 1, 3))),
        sum(mul(slice(x, 0, 0, 1), slice(x, 0, 1, 2))),
      ),
    [[2, 3]],
    (x) => {
      let s = 0;
      for (let i = 0; i < 2; i++) for (let j = 1; j < 3; j++) s += at(x, i, 0) * at(x, i, j);
      for (let j = 0; j < 3; j++) s += at(x, 0, j) * at(x, 1, j);
      return { shape: [], data: Float64Array.of(s) };
    },
  );
});

test("what does not lead to a wanted value is not differentiated", () => {
  const asked: boolean[] = [];
  const frozenOp = defineOp<[x: Value]>({
    name: "frozen",
    infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
    emit: (e, inputs) => e.op("Identity", inputs),
    grad: () => expect.unreachable("the rule of an operator that leads nowhere"),
  });
  const joinOp = defineOp<[a: Value, b: Value]>({
    name: "join",
    infer: ([a]) => ({ dtype: a.dtype, shape: a.shape }),
    emit: (e, inputs) => e.op("Add", inputs),
    grad: (_inputs, dy, { needs }) => {
      asked.push(needs(0), needs(1));
      return [dy, dy];
    },
  });
  const [x, frozen] = [input("x", [4]), input("frozen", [4])];
  const loss = sum(apply(joinOp, [relu(x), apply(frozenOp, [frozen])]));
  const [dx] = backward(loss, [x]);
  expect(dx).not.toBeNull();
  expect(asked).toEqual([true, false]);
  expect(backward(apply(frozenOp, [input("scalar", [])]), [x])).toEqual([null]);
});

test("dead branches are not in the graph", () => {
  const x = input("x", [4]);
  const dead = softplus(sigmoid(x));
  const loss = sum(mul(x, x));
  const [dx] = backward(loss, [x]);
  const graph = graphOf("g", { loss, dx: dx! });
  expect(graph.nodes.some(({ value }) => value.id === dead.id)).toBe(false);
  expect(graph.nodes.map(({ node }) => node.op.name)).not.toContain("sigmoid");
});

test("values that the loss does not depend on have the gradient null", () => {
  const x = input("x", [4]);
  const other = input("other", [4]);
  const after = softplus(x);
  const gradients = backward(sum(mul(x, x)), [other, x, after, constant(tensor([1], [1]))]);
  expect(gradients.map((g) => g === null)).toEqual([true, false, true, true]);
});

test("nodes of gradients bear the path of the node they belong to", () => {
  const x = input("x", [4]);
  const loss = sum(withPath("block.gate", () => sigmoid(x)));
  const [dx] = backward(loss, [x]);
  const { node } = graphOf("g", { dx: dx! }).nodes.at(-1)!;
  expect(node).toMatchObject({ path: "block.gate", backward: true });
  expect(node.op.name).toBe("sigmoidGrad");
});

test("a loss of shape [1] will do, more than one number will not", async () => {
  const x = input("x", [3]);
  const [dx] = backward(reshape(sum(mul(x, x)), [1]), [x]);
  const { g } = await evaluate({ g: dx! }, { x: tensor([3], [1, 2, 3]) });
  expect(numbersOf(g!)).toEqual([2, 4, 6]);
  expectError(
    () => backward(softplus(x), [x]),
    ArgumentError,
    "backward: loss must be one number, got [3]",
  );
  expectError(
    () => backward(input("y", [1, 1]), [x]),
    ArgumentError,
    "backward: loss must be one number, got [1, 1]",
  );
});

test("a rule that returns a gradient of a wrong shape is named", () => {
  const wrong = defineOp<[x: Value]>({
    name: "wrong",
    infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
    emit: (e, inputs) => e.op("Identity", inputs),
    grad: ([x], dy) => [concat([dy, dy], x.shape.length - 1)],
  });
  const x = input("x", [2, 3]);
  expectError(
    () => backward(sum(apply(wrong, [x])), [x]),
    InternalError,
    "wrong: gradient of input 0 must be [2, 3], got [2, 6]",
  );
});

test("an operator that only occurs in gradients has no second derivative", () => {
  const x = input("x", [3]);
  const [dx] = backward(sum(relu(x)), [x]);
  expectError(
    () => backward(sum(mul(dx!, dx!)), [x]),
    ShapeError,
    "reluGrad: second derivatives are not available",
  );
});

test("second derivatives of plain arithmetic are available", async () => {
  const x = input("x", [3]);
  const [dx] = backward(sum(mul(mul(x, x), x)), [x]);
  const [ddx] = backward(sum(dx!), [x]);
  const { g } = await evaluate({ g: ddx! }, { x: tensor([3], [1, 2, -1]) });
  expect(numbersOf(g!)).toEqual([6, 12, -6]);
});

test("a repeated value sums the gradients of its repetitions", async () => {
  const x = input("x", [1, 2]);
  const [dx] = backward(sum(mul(expand(x, [3, 2]), constant(tensor([3, 2], [1, 2, 3, 4, 5, 6])))), [
    x,
  ]);
  const { g } = await evaluate({ g: dx! }, { x: tensor([1, 2], [0, 0]) });
  expect(numbersOf(g!)).toEqual([9, 12]);
});

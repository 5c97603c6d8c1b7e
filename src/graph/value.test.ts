import { expect, test } from "vitest";
import { add } from "../ops/add.ts";
import { relu } from "../ops/relu.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { apply, constant, defineOp, input, withPath, type Value } from "./value.ts";

const nodeOf = (value: Value) =>
  value.source.kind === "node" ? value.source.node : expect.unreachable();

test("inputs and constants have the type they were made with", () => {
  expect(input("x", [2, 3])).toMatchObject({ dtype: "float32", shape: [2, 3] });
  expect(input("i", [2], "int64")).toMatchObject({ dtype: "int64" });
  const c = tensor([2], [1, 2]);
  expect(constant(c)).toMatchObject({ shape: [2], source: { kind: "constant", tensor: c } });
});

test("ids grow with creation", () => {
  const x = input("x", [2]);
  const y = relu(x);
  expect(y.id).toBeGreaterThan(x.id);
  expect(add(x, y).id).toBeGreaterThan(y.id);
});

test("nodes bear the innermost path, and the outer one comes back after it", () => {
  const x = input("x", [2]);
  const [inner, outer] = withPath("outer", () => {
    const made = withPath("outer.inner", () => relu(x));
    return [made, relu(x)] as const;
  });
  expect([inner, outer, relu(x)].map((v) => nodeOf(v).path)).toEqual(["outer.inner", "outer", ""]);
  expect(nodeOf(withPath("p", () => relu(x), true)).backward).toBe(true);
  expect(nodeOf(relu(x)).backward).toBe(false);
});

test("the path comes back after an error", () => {
  const x = input("x", [2]);
  expect(() =>
    withPath("broken", () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(nodeOf(relu(x)).path).toBe("");
});

test("a refusal names the operator, its place and its operands", () => {
  expectError(
    () => withPath("layer1.skip", () => add(input("a", [2]), input("b", [3], "float32"))),
    ShapeError,
    "add at layer1.skip: shapes must broadcast, got [2] and [3]\n  input 0  float32 [2]\n  input 1  float32 [3]",
  );
});

test("errors of other kinds pass unchanged", () => {
  const fault = new TypeError("a fault of the operator");
  const broken = defineOp<[x: Value]>({
    name: "broken",
    infer: () => {
      throw fault;
    },
    emit: (_e, [x]) => x,
    grad: () => [null],
  });
  expect(() => apply(broken, [input("x", [2])])).toThrow(fault);
});

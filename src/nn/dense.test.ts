import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { dense } from "./dense.ts";
import { Scope } from "./scope.ts";

const weights = new Map([
  ["weight", tensor([2, 3], [1, 2, 3, -1, 0.5, 2])],
  ["bias", tensor([2], [10, 20])],
]);

test.each([
  [true, [4, 3]],
  [false, [2, 1, 3]],
] as const)("a dense layer maps the last axis, bias %s, shape %j", async (bias, shape) => {
  await checkOp(
    (x) => dense(Scope.root({ kind: "predict", weights }).scope, x, 2, { bias }),
    [[...shape]],
    (x: Reference) =>
      build([...shape.slice(0, -1), 2], (...index) => {
        const [lead, k] = [index.slice(0, -1), index.at(-1)!];
        const row = weights.get("weight")!.data.slice(3 * k, 3 * k + 3);
        const product = row[0]! * at(x, ...lead, 0) + row[1]! * at(x, ...lead, 1);
        return product + row[2]! * at(x, ...lead, 2) + (bias ? 10 * (k + 1) : 0);
      }),
  );
});

test("a dense layer is named and shaped as PyTorch's Linear", () => {
  const { scope, registry } = Scope.root({ kind: "train" });
  dense(scope.at("fc1"), input("x", [2, 9, 16]), 8);
  dense(scope.at("fc2"), input("x", [2, 9, 16]), 8, { bias: false });
  expect([...registry.parameters.values()].map(({ spec }) => [spec.name, spec.shape])).toEqual([
    ["fc1.weight", [8, 16]],
    ["fc1.bias", [8]],
    ["fc2.weight", [8, 16]],
  ]);
});

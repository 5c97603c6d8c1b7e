import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { pairs } from "../../test/helpers/shapes.ts";
import { div } from "./div.ts";

test.each(pairs)("a quotient and its gradients: %j and %j", async (a, b) => {
  await checkOp(
    div,
    [a, b],
    elementwise((a, b) => a / b),
    { range: [0.5, 2] },
  );
});

test("a division by 0 is infinite, not an error", async () => {
  const { y } = await runOp(div, [tensor([3], [1, -1, 0]), tensor([3], [0, 0, 0])]);
  expect(y).toEqual([Infinity, -Infinity, NaN]);
});

test("shapes that do not broadcast are refused with the operands", () => {
  expectError(
    () => div(input("a", [2, 3]), input("b", [2, 4])),
    ShapeError,
    "div: shapes must broadcast, got [2, 3] and [2, 4]\n  input 0  float32 [2, 3]\n  input 1  float32 [2, 4]",
  );
});

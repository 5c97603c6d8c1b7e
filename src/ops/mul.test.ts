import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { pairs } from "../../test/helpers/shapes.ts";
import { mul } from "./mul.ts";

test.each(pairs)("a product and its gradients: %j and %j", async (a, b) => {
  await checkOp(
    mul,
    [a, b],
    elementwise((a, b) => a * b),
  );
});

test("shapes that do not broadcast are refused with the operands", () => {
  expectError(
    () => mul(input("a", [2, 3]), input("b", [2, 4])),
    ShapeError,
    "mul: shapes must broadcast, got [2, 3] and [2, 4]\n  input 0  float32 [2, 3]\n  input 1  float32 [2, 4]",
  );
});

import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { gradientMagnitude } from "./gradientMagnitude.ts";

test.each(singles)("a length and its gradients: %j", async (shape) => {
  await checkOp(gradientMagnitude, [shape, shape], elementwise(Math.hypot), { range: [0.1, 1] });
  await checkOp(gradientMagnitude, [shape, shape], elementwise(Math.hypot));
});

test("the derivative is exactly 0 where both components are 0", async () => {
  const gx = tensor([4], [0, 3, 0, -0]);
  const gy = tensor([4], [0, 4, 2, 0]);
  const { y, gradients } = await runOp(gradientMagnitude, [gx, gy]);
  expect(y).toEqual([0, 5, 2, 0]);
  expect(gradients[0]!.map(Math.abs)).toEqual([0, expect.closeTo(0.6, 6), 0, 0]);
  expect(gradients[1]).toEqual([0, expect.closeTo(0.8, 6), 1, 0]);
});

test("no derivative exceeds 1, even where the squares are too small for float32", async () => {
  const small = [1e-17, 1e-18, 1e-19, 1e-20, 1e-25, 1e-30, 1e-38];
  const zeros = small.map(() => 0);
  const { gradients } = await runOp(gradientMagnitude, [
    tensor([small.length], small),
    tensor([small.length], zeros),
  ]);
  for (const g of gradients[0]!) expect(Math.abs(g)).toBeLessThanOrEqual(1.0001);
  expect(gradients[1]).toEqual(zeros);
});

test("components of different shapes are refused", () => {
  expectError(
    () => gradientMagnitude(input("gx", [3, 1]), input("gy", [1, 3])),
    ShapeError,
    "gradientMagnitude: shapes must be equal, got [3, 1] and [1, 3]",
  );
});

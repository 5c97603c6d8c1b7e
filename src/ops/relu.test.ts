import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { relu } from "./relu.ts";

test.each(singles)("a ReLU and its gradient: %j", async (shape) => {
  await checkOp(
    relu,
    [shape],
    elementwise((x) => Math.max(x, 0)),
    { range: [-2, 2] },
  );
});

test("the derivative at 0 is 0", async () => {
  const { y, gradients } = await runOp(relu, [tensor([3], [-1, 0, 1])]);
  expect(y).toEqual([0, 0, 1]);
  expect(gradients[0]).toEqual([0, 0, 1]);
});

import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { softplus } from "./softplus.ts";

test.each(singles)("a softplus and its gradient: %j", async (shape) => {
  await checkOp(
    softplus,
    [shape],
    elementwise((x) => Math.log1p(Math.exp(x))),
    { range: [-6, 6] },
  );
});

test("a softplus far from 0 neither overflows nor turns NaN, gradient included", async () => {
  const { y, gradients } = await runOp(softplus, [tensor([3], [-200, 0, 200])]);
  expect(y).toEqual([expect.closeTo(0, 30), expect.closeTo(Math.LN2, 6), 200]);
  expect(gradients[0]).toEqual([expect.closeTo(0, 30), 0.5, 1]);
});

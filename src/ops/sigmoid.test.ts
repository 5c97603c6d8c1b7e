import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { sigmoid } from "./sigmoid.ts";

test.each(singles)("a sigmoid and its gradient: %j", async (shape) => {
  await checkOp(
    sigmoid,
    [shape],
    elementwise((x) => 1 / (1 + Math.exp(-x))),
    { range: [-6, 6] },
  );
});

test("a sigmoid far from 0 saturates without overflow, gradient included", async () => {
  const { y, gradients } = await runOp(sigmoid, [tensor([3], [-200, 0, 200])]);
  expect(y).toEqual([expect.closeTo(0, 30), 0.5, 1]);
  expect(gradients[0]).toEqual([expect.closeTo(0, 30), 0.25, 0]);
});

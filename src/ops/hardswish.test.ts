import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { hardswish } from "./hardswish.ts";

test.each(singles)("a hardswish and its gradient: %j", async (shape) => {
  await checkOp(
    hardswish,
    [shape],
    elementwise((x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1)),
    { range: [-5, 5] },
  );
});

test("up to -3 a hardswish is 0, from 3 on the identity, gradient included", async () => {
  const { y, gradients } = await runOp(hardswish, [tensor([5], [-50, -3, 0, 3, 50])]);
  expect(y.map((v) => v + 0)).toEqual([0, 0, 0, 3, 50]);
  expect(gradients[0]).toEqual([0, 0, 0.5, 1, 1]);
});

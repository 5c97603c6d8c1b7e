import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { leakyRelu } from "./leakyRelu.ts";

test.each([0.01, 0.2])("a leaky ReLU and its gradient: slope %d", async (slope) => {
  for (const [shape] of singles) {
    await checkOp(
      (x) => leakyRelu(x, slope),
      [shape],
      elementwise((x) => (x > 0 ? x : slope * x)),
      { range: [-2, 2] },
    );
  }
});

test("the derivative at 0 is the slope", async () => {
  const { y, gradients } = await runOp((x) => leakyRelu(x, 0.25), [tensor([3], [-1, 0, 1])]);
  expect(y).toEqual([-0.25, 0, 1]);
  expect(gradients[0]).toEqual([0.25, 0.25, 1]);
});

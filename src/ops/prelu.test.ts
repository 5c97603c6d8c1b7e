import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { prelu } from "./prelu.ts";

test.each([[[1]], [[7]], [[2, 3]], [[2, 3, 7, 5]]])(
  "a ReLU with a trained slope, and both gradients: %j",
  async (shape) => {
    await checkOp(
      prelu,
      [shape, [1]],
      elementwise((x, slope) => (x > 0 ? x : slope * x)),
      { range: [-2, 2] },
    );
  },
);

test("at 0 the derivative is the slope, and the slope gets nothing", async () => {
  const { y, gradients } = await runOp(prelu, [tensor([3], [-2, 0, 1]), tensor([1], [0.25])]);
  expect(y).toEqual([-0.5, 0, 1]);
  expect(gradients).toEqual([[0.25, 0.25, 1], [-2]]);
});

test("more than one slope is refused", () => {
  expectError(
    () => prelu(input("x", [2, 3, 4, 4]), input("slope", [3])),
    ShapeError,
    "prelu: slope must be one number, got 3",
  );
});

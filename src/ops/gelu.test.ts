import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { gelu } from "./gelu.ts";

/** erf z = 2 / sqrt(pi) times the sum over n of (-1)^n z^(2n + 1) / (n! (2n + 1)). */
function erf(z: number): number {
  let power = z;
  let sum = z;
  for (let n = 1; n < 80; n++) {
    power *= (-z * z) / n;
    sum += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

test.each(singles)("a GELU in its exact form, and its gradient: %j", async (shape) => {
  await checkOp(
    gelu,
    [shape],
    elementwise((x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
    { range: [-2, 4] },
  );
});

test("far from 0 a GELU is a ReLU, gradient included", async () => {
  const { y, gradients } = await runOp(gelu, [tensor([3], [-50, 0, 50])]);
  expect(y).toEqual([expect.closeTo(0, 30), 0, 50]);
  expect(gradients[0]).toEqual([expect.closeTo(0, 30), 0.5, 1]);
});

import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { logSoftmax } from "./logSoftmax.ts";

const reference = (x: Reference): Reference =>
  build(x.shape, (...i) => {
    const row = i.slice(0, -1);
    return at(x, ...i) - Math.log(total(x.shape.at(-1)!, (k) => Math.exp(at(x, ...row, k))));
  });

test.each([[[7]], [[3, 1]], [[2, 9]], [[2, 3, 5]], [[1, 4, 2, 9]]])(
  "logarithm of the softmax over the last axis, and its gradient: %j",
  async (shape) => {
    await checkOp(logSoftmax, [shape], reference, { range: [-5, 5] });
  },
);

test("entries far apart stay finite", async () => {
  const { y } = await runOp(logSoftmax, [tensor([1, 3], [1e4, 0, -1e4])]);
  expect(y).toEqual([0, -1e4, -2e4]);
});

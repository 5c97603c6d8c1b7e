import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { softmax } from "./softmax.ts";

const reference = (x: Reference): Reference =>
  build(x.shape, (...i) => {
    const row = i.slice(0, -1);
    return Math.exp(at(x, ...i)) / total(x.shape.at(-1)!, (k) => Math.exp(at(x, ...row, k)));
  });

test.each([[[7]], [[3, 1]], [[2, 9]], [[2, 3, 5]], [[1, 4, 2, 9]], [[1, 2, 3, 5, 4]]])(
  "softmax over the last axis, and its gradient: %j",
  async (shape) => {
    await checkOp(softmax, [shape], reference, { range: [-5, 5] });
  },
);

test("large entries do not overflow", async () => {
  const { y } = await runOp(softmax, [tensor([2, 3], [1e4, 1e4, -1e4, -500, -500, -500])]);
  expect(y).toEqual([0.5, 0.5, 0, ...[1, 1, 1].map((v) => expect.closeTo(v / 3, 6) as number)]);
});

import { expect, test } from "vitest";
import { evaluate } from "../../test/helpers/evaluate.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { backward } from "../autodiff/backward.ts";
import { input } from "../graph/value.ts";
import { tensor } from "../tensor/tensor.ts";
import { max } from "./max.ts";
import { sum } from "./sum.ts";

test.each([
  [[2, 3, 4, 5], [1]],
  [
    [2, 3, 4, 5],
    [2, 3],
  ],
  [[1, 6], [-1]],
  [[3, 1, 2], [1]],
] as const)("a maximum and its gradient: %j over %j", async (shape, axes) => {
  const over = axes.map((axis) => (axis + shape.length) % shape.length);
  const small = shape.map((d, i) => (over.includes(i) ? 1 : d));
  await checkOp(
    (x) => max(x, axes),
    [shape],
    (x) =>
      build(small, (...index) => {
        const inner = build(
          shape.map((d, i) => (over.includes(i) ? d : 1)),
          (...offset) => at(x, ...offset.map((o, i) => o + index[i]!)),
        );
        return Math.max(...inner.data);
      }),
  );
});

test("equal largest entries share the gradient", async () => {
  const x = input("x", [2, 3]);
  const [gradient] = backward(sum(max(x, [1])), [x]);
  const { g } = await evaluate({ g: gradient! }, { x: tensor([2, 3], [5, 1, 5, 2, 3, 1]) });
  expect([...g!.data]).toEqual([0.5, 0, 0.5, 0, 1, 0]);
});

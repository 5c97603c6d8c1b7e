import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { input } from "../graph/value.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { rowMax } from "./rowMax.ts";
import { sum } from "./sum.ts";

const reference = (x: Reference): Reference =>
  build([...x.shape.slice(0, -1), 1], (...i) =>
    Math.max(...Array.from({ length: x.shape.at(-1)! }, (_, k) => at(x, ...i.slice(0, -1), k))),
  );

test.each([[[1]], [[7]], [[3, 1]], [[2, 3, 5]], [[1, 2, 3, 4]]])(
  "the largest entry of each row: %j",
  async (shape) => {
    await checkOp(rowMax, [shape], reference, { constants: [0] });
  },
);

test("a maximum passes no gradient on", () => {
  const x = input("x", [2, 3]);
  expect(backward(sum(rowMax(x)), [x])).toEqual([null]);
});

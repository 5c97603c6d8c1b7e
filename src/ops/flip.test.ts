import { test } from "vitest";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { ShapeError } from "../base/errors.ts";
import { input } from "../graph/value.ts";
import { flip } from "./flip.ts";

test.each([
  [[5, 2, 3], 0],
  [[2, 1, 3], 1],
  [[2, 4], -1],
] as const)("a flip and its gradient: %j along %i", async (shape, axis) => {
  await checkOp(
    (x) => flip(x, axis),
    [shape],
    (x) =>
      build(shape, (...index) => {
        const i = (axis + shape.length) % shape.length;
        return at(x, ...index.map((v, j) => (j === i ? shape[i]! - 1 - v : v)));
      }),
  );
});

test("an axis that does not exist is refused", () => {
  expectError(() => flip(input("x", [2, 3]), 2), ShapeError, "axis must be in -2..1, got 2");
});

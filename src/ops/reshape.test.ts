import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { reshape } from "./reshape.ts";

test.each<[Shape, Shape]>([
  [[6], [2, 3]],
  [
    [2, 3, 5],
    [5, 6],
  ],
  [[1], []],
  [[], [1, 1]],
  [
    [2, 3],
    [2, 3],
  ],
])("the same elements under another shape, and the gradient: %j to %j", async (from, to) => {
  await checkOp(
    (x) => reshape(x, to),
    [from],
    (x) => ({ shape: to, data: x.data }),
  );
});

test("a shape of another size is refused", () => {
  expectError(
    () => reshape(input("x", [2, 3]), [4, 2]),
    ShapeError,
    "reshape: [4, 2] must hold 6 elements, got 8",
  );
});

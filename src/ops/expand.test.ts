import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { expand } from "./expand.ts";

test.each<[Shape, Shape]>([
  [[], [3]],
  [[1], [5]],
  [
    [3, 1],
    [3, 7],
  ],
  [[4], [2, 4]],
  [
    [1, 3, 1, 1],
    [2, 3, 5, 7],
  ],
])("repetition along axes of size 1, and its gradient: %j to %j", async (from, to) => {
  await checkOp(
    (x) => expand(x, to),
    [from],
    (x) =>
      build(to, (...index) =>
        at(x, ...from.map((d, axis) => (d === 1 ? 0 : index[to.length - from.length + axis]!))),
      ),
  );
});

test("a value that has the shape already is returned as it is", () => {
  const x = input("x", [2, 3]);
  expect(expand(x, [2, 3])).toBe(x);
});

test("a shape that the value does not broadcast to is refused", () => {
  expectError(
    () => expand(input("x", [2, 3]), [1, 3]),
    ShapeError,
    "expand: must broadcast to [1, 3], got [2, 3]",
  );
  expectError(
    () => expand(input("x", [2, 3]), [2, 4]),
    ShapeError,
    "expand: shapes must broadcast, got [2, 3] and [2, 4]",
  );
});

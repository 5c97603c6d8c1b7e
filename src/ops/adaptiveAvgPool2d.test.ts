import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { adaptiveAvgPool2d } from "./adaptiveAvgPool2d.ts";

test.each([
  [
    [2, 3, 14, 21],
    [7, 7],
  ],
  [
    [1, 2, 12, 9],
    [7, 7],
  ],
  [
    [1, 1, 4, 5],
    [7, 7],
  ],
  [
    [2, 2, 5, 3],
    [1, 1],
  ],
] as const)("means over bins and their gradient: %j to %j", async (shape, [h, w]) => {
  const bin = (i: number, bins: number, size: number): [number, number] => [
    Math.floor((i * size) / bins),
    Math.ceil(((i + 1) * size) / bins),
  ];
  const reference = (x: Reference): Reference =>
    build([shape[0], shape[1], h, w], (n, c, i, j) => {
      const [y0, y1] = bin(i, h, shape[2]);
      const [x0, x1] = bin(j, w, shape[3]);
      const count = (y1 - y0) * (x1 - x0);
      return total(y1 - y0, (y) => total(x1 - x0, (z) => at(x, n, c, y0 + y, x0 + z))) / count;
    });
  await checkOp((x) => adaptiveAvgPool2d(x, [h, w]), [shape], reference);
});

test("a rank other than 4 is refused", () => {
  expectError(
    () => adaptiveAvgPool2d(input("x", [2, 3, 4]), [7, 7]),
    ShapeError,
    "adaptiveAvgPool2d: rank must be 4 and sizes at least 1, got 3, 7 and 7",
  );
});

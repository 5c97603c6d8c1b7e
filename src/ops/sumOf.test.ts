import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { singles } from "../../test/helpers/shapes.ts";
import { sumOf } from "./sumOf.ts";

test.each(singles)("a sum of one, two and five values, and their gradients: %j", async (shape) => {
  for (const count of [1, 2, 5]) {
    await checkOp(
      (...values) => sumOf(values),
      Array.from({ length: count }, () => shape),
      elementwise((...entries) => entries.reduce((a, b) => a + b)),
    );
  }
});

test("a value may be added to itself", async () => {
  await checkOp(
    (x) => sumOf([x, x, x]),
    [[3]],
    elementwise((x) => 3 * x),
  );
});

test("shapes that do not fit are refused", () => {
  expectError(
    () => sumOf([input("a", [2]), input("b", [2]), input("c", [3])]),
    ShapeError,
    "sumOf: shapes must broadcast, got [2] and [2] and [3]",
  );
});

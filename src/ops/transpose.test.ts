import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { transpose, transposeLast2 } from "./transpose.ts";

const reference =
  (permutation: readonly number[]) =>
  (x: Reference): Reference =>
    build(
      permutation.map((axis) => x.shape[axis]!),
      (...index) => at(x, ...x.shape.map((_, axis) => index[permutation.indexOf(axis)]!)),
    );

test.each([
  { shape: [5], permutation: [0] },
  { shape: [2, 3], permutation: [1, 0] },
  { shape: [2, 3, 5], permutation: [2, 0, 1] },
  { shape: [2, 3, 5], permutation: [1, 2, 0] },
  { shape: [2, 1, 5, 7], permutation: [0, 2, 3, 1] },
  { shape: [2, 3, 1, 4, 5], permutation: [4, 2, 0, 1, 3] },
])("axes permuted, and the gradient: %j", async ({ shape, permutation }) => {
  await checkOp((x) => transpose(x, permutation), [shape], reference(permutation));
});

test("the transpose of each matrix swaps the last two axes", async () => {
  await checkOp(transposeLast2, [[2, 3, 5]], reference([0, 2, 1]));
});

test.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]]])(
  "a permutation that misses an axis is refused: %j",
  (permutation) => {
    expectError(
      () => transpose(input("x", [2, 3, 5]), permutation),
      ShapeError,
      `transpose: permutation must hold each of 3 axes once, got [${permutation.join(", ")}]`,
    );
  },
);

import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { linear } from "./linear.ts";

const reference = (x: Reference, w: Reference, bias: Reference): Reference =>
  build(
    [x.shape[0]!, w.shape[0]!],
    (m, k) => bias.data[k]! + total(x.shape[1]!, (c) => at(x, m, c) * at(w, k, c)),
  );

test.each([
  [1, 1, 1],
  [7, 3, 5],
  [4, 1, 9],
  [30, 16, 1],
])("an affine map of %i rows from %i to %i channels, and its gradients", async (m, c, k) => {
  await checkOp(linear, [[m, c], [k, c], [k]], reference);
  await checkOp(linear, [[m, c], [k, c], [k]], reference, { constants: [0] });
  await checkOp(linear, [[m, c], [k, c], [k]], reference, { constants: [1, 2] });
});

test("a linear map without a bias, and its gradients", async () => {
  const unbiased = (x: Reference, w: Reference): Reference =>
    reference(x, w, { shape: [5], data: new Float64Array(5) });
  await checkOp(
    (x, w) => linear(x, w),
    [
      [7, 3],
      [5, 3],
    ],
    unbiased,
  );
});

test("ranks and channels that do not fit are refused", () => {
  const [x, w, bias] = [input("x", [5, 3]), input("w", [4, 3]), input("bias", [4])];
  expectError(
    () => linear(input("x", [5, 3, 1]), w, bias),
    ShapeError,
    "linear: ranks must be 2, got 3 and 2",
  );
  expectError(
    () => linear(x, input("w", [4, 2]), bias),
    ShapeError,
    "linear: channels must fit, got rows of 3, weights [4, 2] and a bias of 4",
  );
  expectError(
    () => linear(x, input("w", [4, 2])),
    ShapeError,
    "linear: channels must fit, got rows of 3, weights [4, 2] and no bias",
  );
  expectError(
    () => linear(x, w, input("bias", [3])),
    ShapeError,
    "linear: channels must fit, got rows of 3, weights [4, 3] and a bias of 3",
  );
});

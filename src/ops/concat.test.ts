import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { concat } from "./concat.ts";

const reference =
  (axis: number) =>
  (...parts: Reference[]): Reference => {
    const owner = parts.flatMap((part, p) =>
      Array.from({ length: part.shape[axis]! }, (_, i) => [p, i] as const),
    );
    const shape = parts[0]!.shape.map((d, i) => (i === axis ? owner.length : d));
    return build(shape, (...index) => {
      const [p, i] = owner[index[axis]!]!;
      return at(parts[p]!, ...index.slice(0, axis), i, ...index.slice(axis + 1));
    });
  };

test.each([
  [0, [[3], [1], [4]]],
  [
    1,
    [
      [2, 3],
      [2, 1],
    ],
  ],
  [
    0,
    [
      [1, 5],
      [2, 5],
    ],
  ],
  [
    1,
    [
      [2, 3, 5, 4],
      [2, 1, 5, 4],
      [2, 2, 5, 4],
    ],
  ],
  [
    3,
    [
      [1, 2, 3, 1],
      [1, 2, 3, 6],
    ],
  ],
  [1, [[2, 3]]],
])("values joined along axis %i, and their gradients: %j", async (axis, shapes) => {
  await checkOp((...parts) => concat(parts, axis), shapes, reference(axis));
});

test("a negative axis counts from the back", async () => {
  const shapes = [
    [2, 3],
    [2, 4],
  ];
  await checkOp((...parts) => concat(parts, -1), shapes, reference(1));
});

test("a value may be joined with itself", async () => {
  await checkOp(
    (x) => concat([x, x], 0),
    [[3]],
    (x) => reference(0)(x, x),
  );
});

test("dimensions, ranks and dtypes that differ are refused", () => {
  const a = input("a", [2, 3]);
  expectError(
    () => concat([a, input("b", [4, 3])], 1),
    ShapeError,
    "concat: shapes must be equal but for axis 1, got [2, 3] and [4, 3]",
  );
  expectError(
    () => concat([a, input("b", [2])], 1),
    ShapeError,
    "concat: shapes must be equal but for axis 1, got [2, 3] and [2]",
  );
  expectError(
    () => concat([a, input("b", [2, 3], "int64")], 1),
    ShapeError,
    "concat: dtypes must be equal, got float32 and int64",
  );
  expectError(() => concat([a, a], 2), ShapeError, "axis must be in -2..1, got 2");
});

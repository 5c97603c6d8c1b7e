import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { matmul } from "./matmul.ts";

const reference = (a: Reference, b: Reference): Reference =>
  build([...a.shape.slice(0, -1), b.shape.at(-1)!], (...i) =>
    total(a.shape.at(-1)!, (k) => {
      const batchOfB = i.slice(0, -2).slice(i.length - b.shape.length);
      return at(a, ...i.slice(0, -1), k) * at(b, ...batchOfB, k, i.at(-1)!);
    }),
  );

test("a batched product and its gradients", async () => {
  await checkOp(
    matmul,
    [
      [3, 2, 4],
      [4, 5],
    ],
    reference,
  );
  await checkOp(
    matmul,
    [
      [2, 3, 1],
      [2, 1, 4],
    ],
    reference,
  );
});

test.each([
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 7],
    [7, 1],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 3, 2, 4],
    [3, 4, 5],
  ],
])("products of other shapes and their gradients: %j and %j", async (a, b) => {
  await checkOp(matmul, [a, b], reference);
});

test("batches of size 1 and missing batches are repeated, and their gradients summed", async () => {
  const batched = (a: Reference, b: Reference): Reference => {
    const shape = [2, 3, a.shape.at(-2)!, b.shape.at(-1)!];
    const place = (o: Reference, batch: number[]): number[] =>
      o.shape.slice(0, -2).map((d, i) => (d === 1 ? 0 : batch[4 - o.shape.length + i]!));
    return build(shape, (p, q, row, column) =>
      total(a.shape.at(-1)!, (k) => {
        const batch = [p, q];
        return at(a, ...place(a, batch), row, k) * at(b, ...place(b, batch), k, column);
      }),
    );
  };
  const shapes = [
    [
      [2, 1, 3, 4],
      [3, 4, 2],
    ],
    [
      [1, 3, 3, 4],
      [2, 1, 4, 2],
    ],
    [
      [3, 4],
      [2, 3, 4, 2],
    ],
    [
      [2, 3, 3, 4],
      [1, 1, 4, 2],
    ],
  ];
  for (const operands of shapes) await checkOp(matmul, operands, batched);
});

test("ranks below 2 and batches that do not broadcast are refused", () => {
  expectError(
    () => matmul(input("a", [4]), input("b", [4, 2])),
    ShapeError,
    "matmul: rank must be at least 2, got 1",
  );
  expectError(
    () => matmul(input("a", [2, 3, 4]), input("b", [3, 4, 2])),
    ShapeError,
    "matmul: shapes must broadcast, got [2] and [3]",
  );
});

test("inner dimensions that differ are refused with the operands", () => {
  const product = () => matmul(input("a", [2, 3, 64]), input("b", [32, 8]));
  expect(product).toThrow(
    "matmul: inner dimensions must match, got 64 and 32\n  input 0  float32 [2, 3, 64]\n  input 1  float32 [32, 8]",
  );
});

import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
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

test("inner dimensions that differ are refused with the operands", () => {
  const product = () => matmul(input("a", [2, 3, 64]), input("b", [32, 8]));
  expect(product).toThrow(
    "matmul: inner dimensions must match, got 64 and 32\n  input 0  float32 [2, 3, 64]\n  input 1  float32 [32, 8]",
  );
});

import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf, stridesOf } from "../tensor/shape.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { mean, sum, sumTo } from "./sum.ts";

function reference(axes: readonly number[], keepDims: boolean, divisor = 1) {
  return (x: Reference): Reference => {
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const data = new Float64Array(sizeOf(kept));
    const [from, to] = [stridesOf(x.shape), stridesOf(kept)];
    for (const [i, v] of x.data.entries()) {
      const at = x.shape.map((d, axis) => Math.floor(i / from[axis]!) % d);
      const flat = at.reduce((s, k, axis) => s + (axes.includes(axis) ? 0 : k * to[axis]!), 0);
      data[flat] = data[flat]! + v / divisor;
    }
    return { shape: keepDims ? kept : kept.filter((_, i) => !axes.includes(i)), data };
  };
}

test.each([
  { shape: [7], axes: [0] },
  { shape: [2, 3, 5], axes: [1] },
  { shape: [2, 3, 5], axes: [0, 2] },
  { shape: [2, 3, 5], axes: [] },
  { shape: [3, 1], axes: [1] },
  { shape: [], axes: [] },
  { shape: [2, 3, 5, 7], axes: [0, 2, 3] },
])("sums and means over axes, and their gradients: %j", async ({ shape, axes }) => {
  const count = axes.reduce((n, axis) => n * shape[axis]!, 1);
  for (const keepDims of [false, true]) {
    await checkOp((x) => sum(x, axes, keepDims), [shape], reference(axes, keepDims));
    await checkOp((x) => mean(x, axes, keepDims), [shape], reference(axes, keepDims, count));
  }
});

test("all axes are summed by default, and negative axes count from the back", async () => {
  await checkOp((x) => sum(x), [[2, 3]], reference([0, 1], false));
  await checkOp((x) => mean(x), [[2, 3]], reference([0, 1], false, 6));
  await checkOp((x) => sum(x, [-1]), [[2, 3]], reference([1], false));
});

test("a sum to a shape undoes its broadcast", async () => {
  await checkOp(
    (x) => sumTo(x, [3, 1]),
    [[2, 3, 5]],
    (x) => ({ shape: [3, 1], data: reference([0, 2], false)(x).data }),
  );
  await checkOp((x) => sumTo(x, []), [[2, 3]], reference([0, 1], false));
  await checkOp(
    (x) => sumTo(x, [3]),
    [[1, 3]],
    (x) => ({ shape: [3], data: x.data }),
  );
  const x = input("x", [2, 3]);
  expect(sumTo(x, [2, 3])).toBe(x);
});

test("an axis that does not exist is refused", () => {
  expectError(() => sum(input("x", [2, 3]), [2]), ShapeError, "axis must be in -2..1, got 2");
});

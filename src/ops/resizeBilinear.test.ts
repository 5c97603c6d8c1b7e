import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { resizeBilinear } from "./resizeBilinear.ts";

const reference =
  ([h, w]: readonly [number, number], alignCorners = false) =>
  (x: Reference): Reference => {
    const [n, c, height, width] = x.shape as [number, number, number, number];
    const source = (i: number, from: number, to: number): number => {
      if (alignCorners) return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
      return Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    };
    return build([n, c, h, w], (b, k, y, xx) => {
      const [v, u] = [source(y, height, h), source(xx, width, w)];
      const [top, left] = [Math.floor(v), Math.floor(u)];
      const [fv, fu] = [v - top, u - left];
      const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
      return (
        (1 - fv) * ((1 - fu) * at(x, b, k, top, left) + fu * at(x, b, k, top, right)) +
        fv * ((1 - fu) * at(x, b, k, bottom, left) + fu * at(x, b, k, bottom, right))
      );
    });
  };

test.each<[string, number[], [number, number]]>([
  ["up by 2", [2, 3, 3, 4], [6, 8]],
  ["up by 4", [1, 2, 4, 3], [16, 12]],
  ["up by an odd factor", [1, 2, 3, 5], [9, 25]],
  ["up, sizes without a common factor", [1, 1, 3, 5], [7, 11]],
  ["down by 2", [2, 1, 8, 6], [4, 3]],
  ["down by 3", [1, 2, 9, 6], [3, 2]],
  ["down, sizes without a common factor", [1, 1, 11, 7], [5, 3]],
  ["one axis only", [1, 2, 4, 6], [4, 3]],
  ["up one way, down the other", [1, 1, 3, 8], [5, 2]],
  ["from one pixel", [1, 2, 1, 1], [3, 2]],
  ["to one pixel", [1, 2, 4, 5], [1, 1]],
])("a bilinear resize and its gradient: %s", async (_name, shape, size) => {
  await checkOp((x) => resizeBilinear(x, size), [shape], reference(size));
  const aligned = { alignCorners: true };
  await checkOp((x) => resizeBilinear(x, size, aligned), [shape], reference(size, true));
});

test("aligned corners keep the values of the corners", async () => {
  const corners = tensor([1, 1, 2, 2], [1, 2, 3, 5]);
  const { y } = await runOp((x) => resizeBilinear(x, [3, 4], { alignCorners: true }), [corners]);
  expect([y[0], y[3], y[8], y[11]]).toEqual([1, 2, 3, 5]);
});

test("a constant map stays constant, and its gradient keeps the total", async () => {
  const { y, gradients } = await runOp((x) => resizeBilinear(x, [5, 9]), [full([1, 1, 3, 4], 2)]);
  for (const v of y) expect(v).toBeCloseTo(2, 5);
  expect(gradients[0]!.reduce((a, b) => a + b)).toBeCloseTo(45, 4);
});

test("the same size is the value itself", () => {
  const x = input("x", [1, 2, 4, 6]);
  expect(resizeBilinear(x, [4, 6])).toBe(x);
});

test("other ranks and sizes that are not whole and positive are refused", () => {
  expectError(
    () => resizeBilinear(input("x", [3, 4, 4]), [8, 8]),
    ShapeError,
    "resizeBilinear: rank must be 4, got 3",
  );
  for (const size of [
    [0, 4],
    [4, 2.5],
  ] as const) {
    expectError(
      () => resizeBilinear(input("x", [1, 3, 4, 4]), size),
      ShapeError,
      `resizeBilinear: size must be whole and positive, got [${size.join(", ")}]`,
    );
  }
});

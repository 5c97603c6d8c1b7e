import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { full } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { avgPool2d, type AvgPoolOptions } from "./avgPool2d.ts";

function reference(o: AvgPoolOptions) {
  const { kernel, stride = kernel, padding = 0, countPadding = true, ceil = false } = o;
  return (x: Reference): Reference => {
    const [n, c, height, width] = x.shape as [number, number, number, number];
    // Every window that ends inside the padded map; with `ceil` one more that begins before its right border.
    const windows = (size: number): number => {
      const span = size + 2 * padding - kernel;
      const whole = Math.floor(span / stride) + 1;
      const extra = ceil && span % stride !== 0 && whole * stride < size + padding;
      return extra ? whole + 1 : whole;
    };
    const counts = (i: number, size: number): boolean =>
      countPadding ? i >= -padding && i < size + padding : i >= 0 && i < size;
    return build([n, c, windows(height), windows(width)], (b, k, y, xx) => {
      const places = total(kernel, (i) =>
        total(kernel, (j) =>
          counts(y * stride + i - padding, height) && counts(xx * stride + j - padding, width)
            ? 1
            : 0,
        ),
      );
      const sum = total(kernel, (i) =>
        total(kernel, (j) => at(x, b, k, y * stride + i - padding, xx * stride + j - padding)),
      );
      return sum / places;
    });
  };
}

const shapes = [
  [1, 1, 3, 3],
  [2, 3, 6, 4],
  [1, 2, 7, 5],
  [1, 2, 8, 9],
];

test.each<AvgPoolOptions>([
  { kernel: 2 },
  { kernel: 3 },
  { kernel: 1 },
  { kernel: 3, stride: 1, padding: 1 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 2, stride: 1 },
  { kernel: 2, stride: 3, padding: 1 },
])("a mean over windows and its gradient: %j", async (options) => {
  for (const shape of shapes) {
    for (const ceil of [false, true]) {
      for (const countPadding of [false, true]) {
        const o = { ...options, ceil, countPadding };
        await checkOp((x) => avgPool2d(x, o), [shape], reference(o));
      }
    }
  }
});

test("the border counts by default, the overhang never", async () => {
  const ones = full([1, 1, 3, 3], 1);
  const padded = await runOp((x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1 }), [ones]);
  expect(padded.y).toEqual([4, 4, 4, 4].map((v) => expect.closeTo(v / 9, 6) as number));
  const hanging = await runOp((x) => avgPool2d(x, { kernel: 2, ceil: true }), [ones]);
  expect(hanging.y).toEqual([1, 1, 1, 1]);
});

test("maps that do not fit are refused", () => {
  expectError(
    () => avgPool2d(input("x", [1, 3, 2, 5]), { kernel: 3 }),
    ShapeError,
    "avgPool2d: window 3 must fit the padded map, got 2 x 5",
  );
  expectError(
    () => avgPool2d(input("x", [3, 5, 5]), { kernel: 3 }),
    ShapeError,
    "avgPool2d: rank must be 4, got 3",
  );
});

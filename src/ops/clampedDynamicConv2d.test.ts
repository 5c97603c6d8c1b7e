import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { clampedDynamicConv2d } from "./clampedDynamicConv2d.ts";

const reference = (x: Reference, kernels: Reference): Reference => {
  const [, , height, width] = x.shape as [number, number, number, number];
  const k = Math.round(Math.sqrt(kernels.shape[4]!));
  const first = (i: number, size: number): number =>
    Math.min(Math.max(i - (k - 1) / 2, 0), size - k);
  return build(x.shape, (n, g, y, xx, c) =>
    total(k, (i) =>
      total(
        k,
        (j) =>
          at(kernels, n, g, y, xx, i * k + j) *
          at(x, n, g, first(y, height) + i, first(xx, width) + j, c),
      ),
    ),
  );
};

test.each<[string, number[], number]>([
  // name, [N, G, H, W, C], k
  ["a map of one window", [1, 1, 3, 3, 2], 3],
  ["a map one larger than the window", [1, 2, 4, 3, 2], 3],
  ["several groups and images", [2, 3, 6, 7, 2], 3],
  ["5 x 5 kernels", [1, 2, 9, 6, 3], 5],
  ["7 x 7 kernels on the smallest map", [1, 1, 7, 7, 2], 7],
  ["7 x 7 kernels", [1, 1, 8, 12, 2], 7],
  ["1 x 1 kernels", [1, 2, 3, 4, 2], 1],
])("windows stay inside the map, and both gradients: %s", async (_name, x, k) => {
  await checkOp(clampedDynamicConv2d, [x, [...x.slice(0, 4), k * k]], reference);
});

test("sizes that do not fit are refused", () => {
  const of = (x: number[], kernels: number[]) => () =>
    clampedDynamicConv2d(input("x", x), input("k", kernels));
  expectError(
    of([1, 2, 6, 6, 3], [1, 2, 6, 5, 9]),
    ShapeError,
    "clampedDynamicConv2d: kernels must be [N, G, H, W, odd square] for an input [N, G, H, W, C], got [1, 2, 6, 5, 9] and [1, 2, 6, 6, 3]",
  );
  expectError(
    of([1, 2, 6, 6, 3], [1, 2, 6, 6, 16]),
    ShapeError,
    "clampedDynamicConv2d: kernels must be [N, G, H, W, odd square] for an input [N, G, H, W, C], got [1, 2, 6, 6, 16] and [1, 2, 6, 6, 3]",
  );
  expectError(
    of([1, 2, 4, 9, 3], [1, 2, 4, 9, 25]),
    ShapeError,
    "clampedDynamicConv2d: the map must be at least 5 x 5, got 4 x 9",
  );
});

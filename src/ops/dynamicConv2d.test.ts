import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { dynamicConv2d } from "./dynamicConv2d.ts";

const reference = (x: Reference, kernels: Reference): Reference => {
  const channels = x.shape[3]!;
  const [, , , heads, taps] = kernels.shape as [number, number, number, number, number];
  const k = Math.round(Math.sqrt(taps));
  const r = (k - 1) / 2;
  return build(x.shape, (n, y, xx, c) => {
    const head = Math.floor(c / (channels / heads));
    return total(k, (i) =>
      total(k, (j) => at(kernels, n, y, xx, head, i * k + j) * at(x, n, y + i - r, xx + j - r, c)),
    );
  });
};

test.each<[string, number[], number, number]>([
  // name, [N, H, W, C], heads, k
  ["one pixel", [1, 1, 1, 2], 1, 3],
  ["smaller than a tile", [2, 3, 5, 4], 2, 3],
  ["exactly one tile", [1, 8, 8, 2], 1, 3],
  ["several tiles", [2, 16, 8, 4], 4, 3],
  ["tiles that hang over", [1, 9, 11, 6], 3, 3],
  ["wide maps of several tiles", [1, 8, 24, 4], 2, 3],
  ["sides without a divisor", [1, 13, 17, 2], 1, 3],
  ["5 x 5 kernels on a wide map", [1, 6, 20, 2], 1, 5],
  ["5 x 5 kernels", [1, 10, 7, 4], 2, 5],
  ["7 x 7 kernels on a smaller map", [1, 3, 4, 2], 2, 7],
  ["1 x 1 kernels", [2, 9, 3, 4], 2, 1],
])("a kernel of its own for every pixel, and both gradients: %s", async (_name, x, heads, k) => {
  const kernels = [...x.slice(0, 3), heads, k * k];
  await checkOp(dynamicConv2d, [x, kernels], reference);
});

test("a gradient asked for alone is the same", async () => {
  const shapes = [
    [1, 9, 4, 4],
    [1, 9, 4, 2, 9],
  ];
  await checkOp(dynamicConv2d, shapes, reference, { constants: [0] });
  await checkOp(dynamicConv2d, shapes, reference, { constants: [1] });
});

test.each<[string, number[], number[]]>([
  ["heads that do not divide the channels", [1, 4, 4, 6], [1, 4, 4, 4, 9]],
  ["another width", [1, 4, 4, 6], [1, 4, 5, 2, 9]],
  ["another batch", [2, 4, 4, 6], [1, 4, 4, 2, 9]],
  ["even kernels", [1, 4, 4, 6], [1, 4, 4, 2, 4]],
  ["taps that are no square", [1, 4, 4, 6], [1, 4, 4, 2, 8]],
  ["another rank", [4, 4, 6], [4, 4, 6, 2, 9]],
])("sizes that do not fit are refused: %s", (_name, x, kernels) => {
  expectError(
    () => dynamicConv2d(input("x", x), input("k", kernels)),
    ShapeError,
    `dynamicConv2d: kernels must be [N, H, W, heads, odd square] for an input [N, H, W, C] with C divisible by heads, got [${kernels.join(", ")}] and [${x.join(", ")}]`,
  );
});

import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { checkOp, expectClose, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { batchMoments, batchNorm2d } from "./batchNorm2d.ts";
import { sum } from "./sum.ts";

function momentsOf(x: Reference): Reference {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const count = n * height * width;
  const meanOf = (channel: number, f: (v: number) => number): number => {
    let total = 0;
    for (let b = 0; b < n; b++)
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) total += f(at(x, b, channel, i, j));
    return total / count;
  };
  const means = Array.from({ length: c }, (_, k) => meanOf(k, (v) => v));
  return build([2, c], (row, k) =>
    row === 0 ? means[k]! : meanOf(k, (v) => (v - means[k]!) ** 2),
  );
}

const normalised =
  (eps: number) =>
  (x: Reference, moments: Reference, gamma: Reference, beta: Reference): Reference =>
    build(x.shape, (b, c, i, j) => {
      const deviation = Math.sqrt(at(moments, 1, c) + eps);
      const normal = (at(x, b, c, i, j) - at(moments, 0, c)) / deviation;
      return gamma.data[c]! * normal + beta.data[c]!;
    });

// The last two are on both sides of the switch to convolutions.
const shapes = [
  [[2, 3, 4, 5]],
  [[1, 2, 3, 3]],
  [[5, 1, 1, 1]],
  [[4, 7, 1, 3]],
  [[1, 2, 16, 16]],
  [[2, 3, 17, 19]],
];
const targets = ["cpu", "portable"] as const;

test.each(shapes)("mean and biased variance of each channel: %j", async (shape) => {
  await checkOp(batchMoments, [shape], momentsOf, { constants: [0] });
});

test.each(shapes)("with moments of its input, gradients pass through them: %j", async (shape) => {
  const c = shape[1]!;
  for (const [eps, target] of [1e-5, 0.1].flatMap((e) => targets.map((t) => [e, t] as const))) {
    await checkOp(
      (x, gamma, beta) => batchNorm2d(x, batchMoments(x), gamma, beta, { eps, trained: true }),
      [shape, [c], [c]],
      (x, gamma, beta) => normalised(eps)(x, momentsOf(x), gamma, beta),
      { tolerance: 2e-5, gradientTolerance: 2e-4, target },
    );
  }
});

test.each(shapes)("with fixed moments, they count as constants: %j", async (shape) => {
  const c = shape[1]!;
  await checkOp(
    (x, moments, gamma, beta) =>
      batchNorm2d(x, moments, gamma, beta, { eps: 1e-3, trained: false }),
    [shape, [2, c], [c], [c]],
    normalised(1e-3),
    { constants: [1], range: [0.2, 1.5] },
  );
});

test("moments pass no gradient on by themselves", () => {
  const x = input("x", [2, 3, 4, 4]);
  expect(backward(sum(batchMoments(x)), [x])).toEqual([null]);
});

test("a channel without variance gives beta and finite gradients", async () => {
  const { y, gradients } = await runOp(
    (x, gamma, beta) => batchNorm2d(x, batchMoments(x), gamma, beta, { eps: 1e-5, trained: true }),
    [full([2, 1, 2, 2], 7), full([1], 3), full([1], 0.25)],
  );
  expectClose(y, new Array<number>(8).fill(0.25), 1e-4, "beta");
  for (const g of gradients.flat()) expect(Number.isFinite(g)).toBe(true);
});

test.each([4, 20])("a large mean does not spoil the variance: side %i", async (side) => {
  const random = Random.of("large mean");
  const shape = [4, 1, side, side];
  const data = Float32Array.from({ length: 4 * side ** 2 }, () => 1000 + random.uniform(-1, 1));
  const exact = momentsOf({ shape, data: Float64Array.from(data) }).data;
  const { y } = await runOp(batchMoments, [tensor(shape, data)]);
  expectClose([y[1]!], [exact[1]!], 1e-3, "variance");
  expectClose([y[0]!], [exact[0]!], 1e-6, "mean");
});

test("other ranks and numbers of channels are refused", () => {
  const at4 = (name: string) => input(name, [4]);
  const x = input("x", [2, 4, 5, 5]);
  const options = { eps: 1e-5, trained: true };
  expectError(
    () => batchNorm2d(x, input("m", [2, 3]), at4("gamma"), at4("beta"), options),
    ShapeError,
    "batchNorm2d: moments, gamma and beta must be [2, 4], [4] and [4], got [2, 3], [4] and [4]",
  );
  expectError(
    () => batchNorm2d(x, input("m", [2, 4]), input("gamma", [3]), at4("beta"), options),
    ShapeError,
    "batchNorm2d: moments, gamma and beta must be [2, 4], [4] and [4], got [2, 4], [3] and [4]",
  );
  expectError(
    () => batchNorm2d(x, input("m", [2, 4]), at4("gamma"), input("beta", [5]), options),
    ShapeError,
    "batchNorm2d: moments, gamma and beta must be [2, 4], [4] and [4], got [2, 4], [4] and [5]",
  );
  expectError(
    () => batchNorm2d(input("x", [2, 4, 5]), input("m", [2, 4]), at4("g"), at4("b"), options),
    ShapeError,
    "batchNorm2d: rank must be 4, got 3",
  );
  expectError(
    () => batchMoments(input("x", [2, 4, 5])),
    ShapeError,
    "batchMoments: rank must be 4, got 3",
  );
});

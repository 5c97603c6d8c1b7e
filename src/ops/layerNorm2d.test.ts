import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, expectClose, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { layerNorm2d } from "./layerNorm2d.ts";

const reference =
  (eps: number) =>
  (x: Reference, gamma: Reference, beta: Reference): Reference => {
    const channels = x.shape[1]!;
    return build(x.shape, (n, c, i, j) => {
      const mean = total(channels, (k) => at(x, n!, k, i!, j!)) / channels;
      const variance = total(channels, (k) => (at(x, n!, k, i!, j!) - mean) ** 2) / channels;
      const normal = (at(x, n!, c!, i!, j!) - mean) / Math.sqrt(variance + eps);
      return gamma.data[c!]! * normal + beta.data[c!]!;
    });
  };

test.each([[[1, 4, 1, 1]], [[2, 6, 3, 5]], [[3, 16, 1, 4]], [[1, 7, 5, 1]]])(
  "layer normalisation over channels and its gradients: %j",
  async (shape) => {
    for (const eps of [1e-6, 0.1]) {
      await checkOp(
        (x, gamma, beta) => layerNorm2d(x, gamma, beta, eps),
        [shape, [shape[1]!], [shape[1]!]],
        reference(eps),
        { tolerance: 2e-5, gradientTolerance: 2e-4 },
      );
    }
  },
);

test("a pixel of equal channels gives beta and finite gradients", async () => {
  const x = tensor([1, 3, 1, 2], [5, 0, 5, 0, 5, 0]);
  const { y, gradients } = await runOp(
    (v, gamma, beta) => layerNorm2d(v, gamma, beta, 1e-6),
    [x, tensor([3], [1, 2, 3]), tensor([3], [0.5, -1, 2])],
  );
  expectClose(y, [0.5, 0.5, -1, -1, 2, 2], 1e-5, "beta");
  for (const g of gradients.flat()) expect(Number.isFinite(g)).toBe(true);
});

test("a large mean does not spoil the variance", async () => {
  const x = tensor([1, 4, 1, 1], [4096.5, 4095.5, 4096.25, 4095.75]);
  const ones = tensor([4], [1, 1, 1, 1]);
  const zeros = tensor([4], [0, 0, 0, 0]);
  const { y } = await runOp((v, gamma, beta) => layerNorm2d(v, gamma, beta, 0), [x, ones, zeros]);
  const deviation = Math.sqrt((0.5 ** 2 + 0.25 ** 2) / 2);
  expectClose(
    y,
    [0.5, -0.5, 0.25, -0.25].map((v) => v / deviation),
    1e-3,
    "values",
  );
});

test("other ranks and numbers of channels are refused", () => {
  const [x, three, four] = [input("x", [2, 4, 5, 5]), input("a", [3]), input("b", [4])];
  expectError(
    () => layerNorm2d(x, three, four, 1e-6),
    ShapeError,
    "layerNorm2d: gamma and beta must be [4], got [3] and [4]",
  );
  expectError(
    () => layerNorm2d(x, four, three, 1e-6),
    ShapeError,
    "layerNorm2d: gamma and beta must be [4], got [4] and [3]",
  );
  expectError(
    () => layerNorm2d(input("x", [2, 4, 5]), four, four, 1e-6),
    ShapeError,
    "layerNorm2d: rank must be 4, got 3",
  );
});

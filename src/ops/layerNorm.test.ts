import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, expectClose, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { layerNorm } from "./layerNorm.ts";

const reference =
  (eps: number) =>
  (x: Reference, gamma: Reference, beta: Reference): Reference => {
    const channels = x.shape.at(-1)!;
    return build(x.shape, (...i) => {
      const entry = (k: number): number => at(x, ...i.slice(0, -1), k);
      const mean = total(channels, entry) / channels;
      const variance = total(channels, (k) => (entry(k) - mean) ** 2) / channels;
      const c = i.at(-1)!;
      return gamma.data[c]! * ((entry(c) - mean) / Math.sqrt(variance + eps)) + beta.data[c]!;
    });
  };

test.each([[[4]], [[1, 5]], [[6, 3]], [[2, 3, 7]], [[2, 5, 3, 16]]])(
  "layer normalisation over the last axis, and its gradients: %j",
  async (shape) => {
    const c = shape.at(-1)!;
    for (const eps of [1e-6, 0.1]) {
      await checkOp(
        (x, gamma, beta) => layerNorm(x, gamma, beta, eps),
        [shape, [c], [c]],
        reference(eps),
        { tolerance: 2e-5, gradientTolerance: 2e-4 },
      );
    }
  },
);

test("a row of equal entries gives beta and finite gradients", async () => {
  const { y, gradients } = await runOp(
    (x, gamma, beta) => layerNorm(x, gamma, beta, 1e-6),
    [tensor([2, 3], [5, 5, 5, 0, 0, 0]), tensor([3], [1, 2, 3]), tensor([3], [0.5, -1, 2])],
  );
  expectClose(y, [0.5, -1, 2, 0.5, -1, 2], 1e-5, "beta");
  for (const g of gradients.flat()) expect(Number.isFinite(g)).toBe(true);
});

test("a mean that outweighs the deviation does not spoil the variance", async () => {
  const x = tensor([1, 4], [4096.5, 4095.5, 4096.25, 4095.75]);
  const { y } = await runOp(
    (v, gamma, beta) => layerNorm(v, gamma, beta, 1e-6),
    [x, tensor([4], [1, 1, 1, 1]), tensor([4], [0, 0, 0, 0])],
  );
  const deviation = Math.sqrt((0.5 ** 2 + 0.25 ** 2) / 2);
  expectClose(
    y,
    [0.5, -0.5, 0.25, -0.25].map((v) => v / deviation),
    1e-3,
    "values",
  );
});

test("other numbers of channels are refused", () => {
  const [x, three, four] = [input("x", [2, 5, 4]), input("a", [3]), input("b", [4])];
  expectError(
    () => layerNorm(x, three, four, 1e-6),
    ShapeError,
    "layerNorm: gamma and beta must be [4], got [3] and [4]",
  );
  expectError(
    () => layerNorm(x, four, input("c", [1, 4]), 1e-6),
    ShapeError,
    "layerNorm: gamma and beta must be [4], got [4] and [1,4]",
  );
});

/** Block, evaluator and losses of Lee et al. 2020. */
import { expect, test } from "vitest";
import { ShapeError } from "../base/errors.ts";
import { backward } from "../autodiff/backward.ts";
import { graphOf } from "../graph/graph.ts";
import { macsOfNodes } from "../graph/cost.ts";
import { constant, input } from "../graph/value.ts";
import { boundaryPreserving } from "../models/blocks/boundaryPreserving.ts";
import { shapeEvaluator } from "../models/blocks/shapeEvaluator.ts";
import { Scope } from "../nn/scope.ts";
import { sizeOf } from "../tensor/shape.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { evaluatorLoss, keyPointLoss } from "./keyPointLoss.ts";

const count = (registry: ReturnType<typeof Scope.root>["registry"]): number =>
  [...registry.parameters.values()].reduce((n, { spec }) => n + sizeOf(spec.shape), 0);

test("the boundary preserving block amplifies features by 1 to 2, where its map says so", async () => {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  const f = input("f", [1, 2, 4, 5]);
  const { features, map } = boundaryPreserving(scope, f);
  expect([features.shape, map.shape]).toEqual([
    [1, 2, 4, 5],
    [1, 1, 4, 5],
  ]);
  // Five branches of one plane, and five to one.
  expect(count(registry)).toBe(2 + 1 + 4 * (9 * 2 + 1) + 5 + 1);
  const feeds = Object.fromEntries(
    [...registry.parameters.values()].map(({ spec }) => [spec.name, full(spec.shape, 0)]),
  );
  const values = Array.from({ length: 40 }, (_, i) => i - 20);
  for (const [bias, factor] of [
    [-40, 1],
    [0, 1.5],
    [40, 2],
  ] as const) {
    const all = { ...feeds, f: tensor([1, 2, 4, 5], values), "join.bias": full([1], bias) };
    const y = numbersOf((await evaluate({ features, map }, all)).features!);
    for (const [i, v] of y.entries()) expect(v).toBeCloseTo(factor * values[i]!, 4);
  }
});

test("the evaluator has the parameters and the arithmetic of the paper's figure at 192 x 256", () => {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  const [mask, points] = [input("image", [1, 1, 192, 256]), input("points", [1, 1, 192, 256])];
  const verdict = shapeEvaluator(scope, mask, points);
  expect(verdict.shape).toEqual([1, 1]);
  expect(count(registry) / 1e6).toBeCloseTo(9.5, 1);
  const macs = macsOfNodes(graphOf("evaluator", { verdict }));
  const layers = [...macs.values()].reduce((sum, m) => sum + m.layers, 0);
  expect(layers / 1e9).toBeCloseTo(10.9, 1);
});

test("losses: mask, maps at every size, and the verdict", async () => {
  const mask = tensor([1, 1, 2, 4], [1, 0, 0, 0, 0, 0, 0, 1]);
  const points = tensor([1, 1, 2, 4], [0, 1, 0, 0, 0, 0, 0, 0]);
  const terms = keyPointLoss(
    {
      logits: constant(full([1, 1, 2, 4], 0)),
      maps: [constant(full([1, 1, 2, 4], 0)), constant(tensor([1, 1, 1, 2], [50, -50]))],
      verdict: constant(tensor([1, 1], [2])),
    },
    constant(mask),
    constant(points),
  );
  const found = await evaluate(terms);
  expect(found.seg1!.data[0]).toBeCloseTo(Math.LN2, 5);
  // The coarse map is right: a maximum keeps the point.
  expect(found.map!.data[0]).toBeCloseTo(Math.LN2, 5);
  expect(found.verdict!.data[0]).toBeCloseTo(-Math.log(1 / (1 + Math.exp(-2))), 5);
  expect(found.total!.data[0]).toBeCloseTo(2 * Math.LN2 + Math.log(1 + Math.exp(-2)), 5);

  const [truth, predicted] = [input("t", [2, 1]), input("p", [2, 1])];
  const loss = evaluatorLoss(truth, predicted);
  const [dt, dp] = backward(loss, [truth, predicted]);
  const feeds = { t: tensor([2, 1], [3, -1]), p: tensor([2, 1], [0, 2]) };
  const verdicts = await evaluate({ loss, dt: dt!, dp: dp! }, feeds);
  const s = (z: number): number => 1 / (1 + Math.exp(-z));
  const expected = -(Math.log(s(3)) + Math.log(s(-1)) + Math.log(1 - s(0)) + Math.log(1 - s(2)));
  expect(verdicts.loss!.data[0]).toBeCloseTo(expected / 2, 5);
  for (const [i, z] of [3, -1].entries())
    expect(verdicts.dt!.data[i]).toBeCloseTo((s(z) - 1) / 2, 5);
  for (const [i, z] of [0, 2].entries()) expect(verdicts.dp!.data[i]).toBeCloseTo(s(z) / 2, 5);
});

test("maps whose size does not divide that of the image are refused", () => {
  const image = input("x", [1, 1, 6, 8]);
  expectError(
    () => keyPointLoss({ logits: image, maps: [input("m", [1, 1, 3, 2])] }, image, image),
    ShapeError,
    "key point loss: maps must be [N, 1, 6 / k, 8 / k] for a whole k, got [1, 1, 3, 2]",
  );
});

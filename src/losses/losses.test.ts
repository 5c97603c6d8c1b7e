import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { evaluate } from "../../test/helpers/evaluate.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { constant, input } from "../graph/value.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { allClassDiceLoss } from "./allClassDiceLoss.ts";
import { bceWithLogits } from "./bceWithLogits.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { segmentationLoss, type LossOptions, type SupervisedOutputs } from "./segmentationLoss.ts";
import { softDiceLoss } from "./softDiceLoss.ts";
import { structureLoss } from "./structureLoss.ts";

/** Sum over n, y, x. */
const overPixels = (
  { shape: [n = 1, , h = 1, w = 1] }: Reference,
  f: (n: number, y: number, x: number) => number,
): number => total(n, (i) => total(h, (y) => total(w, (x) => f(i, y, x))));

const crossEntropyLoop =
  (weights: readonly number[]) =>
  (x: Reference, t: Reference): Reference => {
    const classes = x.shape[1]!;
    const sum = overPixels(x, (n, row, column) => {
      const norm = Math.log(total(classes, (c) => Math.exp(at(x, n, c, row, column))));
      return total(
        classes,
        (c) => weights[c]! * at(t, n, c, row, column) * (norm - at(x, n, c, row, column)),
      );
    });
    const norm = overPixels(x, (n, row, column) =>
      total(classes, (c) => weights[c]! * at(t, n, c, row, column)),
    );
    return build([], () => sum / norm);
  };

test("cross-entropy of classes is the weighted mean of minus the target's log-probability", async () => {
  const shape = [2, 4, 3, 5];
  const options = { range: [0.1, 3], constants: [1] } as const;
  await checkOp(
    (x, t) => crossEntropy(x, t),
    [shape, shape],
    crossEntropyLoop([1, 1, 1, 1]),
    options,
  );
  const weights = [0.5, 1, 2, 8];
  await checkOp(
    (x, t) => crossEntropy(x, t, weights),
    [shape, shape],
    crossEntropyLoop(weights),
    options,
  );
});

test("a target that would only broadcast is refused by every loss", () => {
  const [logits, single] = [input("x", [2, 3, 8, 8]), input("t", [2, 1, 8, 8])];
  const losses = {
    bceWithLogits,
    softDiceLoss,
    crossEntropy,
    allClassDiceLoss,
    structureLoss,
  };
  for (const [name, loss] of Object.entries(losses)) {
    const must = `${name}: target must have the shape of the prediction, `;
    expectError(() => loss(logits, single), ShapeError, `${must}[2, 3, 8, 8], got [2, 1, 8, 8]`);
    expectError(() => loss(single, logits), ShapeError, `${must}[2, 1, 8, 8], got [2, 3, 8, 8]`);
  }
  const must = "target must have the shape of the prediction, [2, 3, 8, 8], got [2, 1, 8, 8]";
  expectError(() => segmentationLoss({ logits }, single), ShapeError, `bceWithLogits: ${must}`);
  expectError(
    () => segmentationLoss({ logits }, single, { crossEntropy: false }),
    ShapeError,
    `softDiceLoss: ${must}`,
  );
  const [mask, boundary] = [input("m", [2, 1, 8, 8]), input("b", [1, 1, 8, 8])];
  expectError(
    () => segmentationLoss({ logits: single, edge: single }, mask, { boundary }),
    ShapeError,
    "softDiceLoss: target must have the shape of the prediction, [2, 1, 8, 8], got [1, 1, 8, 8]",
  );
});

test("cross-entropy refuses weights that do not match the classes", () => {
  const x = input("x", [1, 3, 2, 2]);
  expectError(
    () => crossEntropy(x, x, [1, 2]),
    ShapeError,
    "crossEntropy: weights must be one a class, 3, got 2",
  );
});

test("binary cross-entropy on logits equals minus the target's log-probability", async () => {
  const loop = (x: Reference, t: Reference): Reference =>
    build(
      [],
      () =>
        overPixels(x, (n, row, column) => {
          const [logit, target] = [at(x, n, 0, row, column), at(t, n, 0, row, column)];
          const p = 1 / (1 + Math.exp(-logit));
          return -(target * Math.log(p) + (1 - target) * Math.log(1 - p));
        }) / x.data.length,
    );
  const shape = [2, 1, 3, 4];
  await checkOp(bceWithLogits, [shape, shape], loop, { range: [0, 1], constants: [1] });
});

test("soft Dice is taken for each image and class, then averaged", async () => {
  const loop = (p: Reference, t: Reference): Reference => {
    const [n = 1, k = 1, h = 1, w = 1] = p.shape;
    const sumOf = (f: (row: number, column: number) => number) =>
      total(h, (row) => total(w, (column) => f(row, column)));
    const losses = total(n, (i) =>
      total(k, (c) => {
        const overlap = sumOf((y, x) => at(p, i, c, y, x) * at(t, i, c, y, x));
        const both = sumOf((y, x) => at(p, i, c, y, x) + at(t, i, c, y, x));
        return 1 - (2 * overlap + 1) / (both + 1);
      }),
    );
    return build([], () => losses / (n * k));
  };
  const shape = [2, 3, 4, 5];
  await checkOp(softDiceLoss, [shape, shape], loop, { range: [0, 1] });
});

test("several classes: cross-entropy with the background, Dice without it, and the boundary that is given", async () => {
  const logits = tensor([1, 3, 1, 4], [9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 9]);
  const mask = tensor([1, 3, 1, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]);
  const edge = tensor([1, 1, 1, 4], [-50, 50, 50, -50]);
  const boundary = tensor([1, 1, 1, 4], [0, 1, 0, 0]);
  const o = constant(logits);
  const outputs = { logits: o, auxiliary: [o, o], edge: constant(edge) };
  const terms = segmentationLoss(outputs, constant(mask), { boundary: constant(boundary) });
  const found = await evaluate({ seg: terms.seg1!, edge: terms.edge!, total: terms.total });
  const [p, q] = [Math.exp(9), 1].map((v) => v / (Math.exp(9) + 2)) as [number, number];
  // Class 1 is one pixel, class 2 two; each other pixel gives them q.
  const dice1 = 1 - (2 * p + 1) / (p + 3 * q + 1 + 1);
  const dice2 = 1 - (2 * 2 * p + 1) / (2 * p + 2 * q + 2 + 1);
  const seg = -Math.log(p) + (dice1 + dice2) / 2;
  const edgeLoss = 1 - (2 * 1 + 1) / (2 + 1 + 1);
  expect(Number(found.seg!.data[0])).toBeCloseTo(seg, 5);
  expect(Number(found.edge!.data[0])).toBeCloseTo(edgeLoss, 5);
  expect(Number(found.total!.data[0])).toBeCloseTo(3 * seg + 3 * edgeLoss, 5);
});

test("the loss keeps to the heads that there are, and to the terms that are asked for", () => {
  const logits = input("x", [1, 1, 4, 4]);
  const mask = input("t", [1, 1, 4, 4]);
  const names = (outputs: SupervisedOutputs, options: LossOptions): string[] =>
    Object.keys(segmentationLoss(outputs, mask, options));
  const all = { logits, auxiliary: [logits], edge: logits };
  expect(names({ logits }, {})).toEqual(["seg1", "total"]);
  expect(names(all, {})).toEqual(["seg1", "seg2", "edge", "total"]);
  expect(names(all, { deepSupervision: false, lambda: 0 })).toEqual(["seg1", "total"]);
  expect(names(all, { crossEntropy: false, dice: false })).toEqual(["edge", "total"]);
  expectError(
    () => segmentationLoss({ logits }, mask, { crossEntropy: false, dice: false }),
    ArgumentError,
    "loss: at least one term must remain, got none; take cross-entropy or Dice, or the edge term with a lambda above 0 for a network that has an edge head",
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { maskPairs } from "../../test/helpers/maskPairs.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { countPixels } from "./countPixels.ts";
import { dice, iou, precision, sensitivity, specificity } from "./overlap.ts";

const prediction = drawnMask(`
  .##.
  .##.
  ....`);
const truth = drawnMask(`
  ..##
  ..##
  ..##`);
const empty = drawnMask(`
  ....
  ....
  ....`);
const full = drawnMask(`
  ####
  ####
  ####`);

test("pixels are counted by hand", () => {
  expect(countPixels(prediction, truth)).toEqual({
    truePositives: 2,
    falsePositives: 2,
    falseNegatives: 4,
    trueNegatives: 4,
  });
});

test("the shares follow from the counts", () => {
  expect(dice(prediction, truth)).toBe(4 / 10);
  expect(iou(prediction, truth)).toBe(2 / 8);
  expect(sensitivity(prediction, truth)).toBe(2 / 6);
  expect(specificity(prediction, truth)).toBe(4 / 6);
  expect(precision(prediction, truth)).toBe(2 / 4);
});

test("two empty masks agree perfectly", () => {
  for (const metric of [dice, iou, sensitivity, specificity, precision])
    expect(metric(empty, empty)).toBe(1);
});

test("one empty mask scores 0 wherever the object counts", () => {
  for (const metric of [dice, iou, sensitivity, precision]) {
    expect(metric(empty, truth)).toBe(0);
    expect(metric(truth, empty)).toBe(0);
  }
  expect(specificity(empty, truth)).toBe(1);
  expect(specificity(truth, empty)).toBe(6 / 12);
});

test("without background specificity is 1 if none is predicted either, else 0", () => {
  expect(specificity(full, full)).toBe(1);
  expect(specificity(truth, full)).toBe(0);
});

test("dice is 2 IoU / (1 + IoU) and both are symmetric", () => {
  fc.assert(
    fc.property(maskPairs(), ([a, b]) => {
      const j = iou(a, b);
      expect(dice(a, b)).toBeCloseTo((2 * j) / (1 + j), 14);
      expect(iou(b, a)).toBe(j);
      expect(dice(b, a)).toBe(dice(a, b));
    }),
    { seed: 1 },
  );
});

test("precision is sensitivity with the roles exchanged, specificity that of the complement", () => {
  const complement = (mask: typeof truth) => ({ ...mask, data: mask.data.map((v) => 1 - v) });
  fc.assert(
    fc.property(maskPairs(), ([a, b]) => {
      expect(precision(a, b)).toBe(sensitivity(b, a));
      expect(specificity(a, b)).toBe(sensitivity(complement(a), complement(b)));
    }),
    { seed: 2 },
  );
});

test("masks of different size are refused", () => {
  expect(() => dice(truth, drawnMask("##"))).toThrow(
    new ShapeError(
      "metrics: prediction and truth must have the same size, got 4 x 3 and 2 x 1 " +
        "(width x height); resize the prediction to the truth first",
    ),
  );
});

test("a mask whose data does not fill it is refused", () => {
  expect(() => dice({ width: 3, height: 2, data: new Uint8Array(5) }, truth)).toThrow(
    new ShapeError("metrics: prediction of 3 x 2 must hold 6 values, got 5"),
  );
});

test("a mask without pixels is refused", () => {
  const none = { width: 0, height: 3, data: new Uint8Array(0) };
  expect(() => dice(none, none)).toThrow(
    new ArgumentError("metrics: prediction must have at least one pixel, got 0 x 3"),
  );
});

test("values other than 0 and 1 are refused with their place", () => {
  const data = truth.data.slice();
  data[7] = 255;
  expect(() => dice(prediction, { ...truth, data })).toThrow(
    new ArgumentError(
      "metrics: truth must contain only 0 and 1, got 255 at row 1, column 3; threshold it first",
    ),
  );
});

import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import { scoreClasses, summariseClasses } from "./scoreClasses.ts";

const labels = (...rows: string[]): Labels => ({
  width: rows[0]!.length,
  height: rows.length,
  classes: Uint8Array.from(rows.join(""), Number),
});

test("each class is a mask of its own; the mean is over classes", () => {
  const { perClass, mean } = scoreClasses(labels("11022"), labels("11002"), { classes: 2 });
  expect(perClass.map(({ dice }) => dice)).toEqual([1, 2 / 3]);
  expect(mean.dice).toBeCloseTo(5 / 6, 14);
  expect(mean.hausdorff).toBe(1 / 2);
});

test("a class that is nowhere scores as two empty masks; one missed is at the diagonal", () => {
  const { perClass } = scoreClasses(labels("100", "000"), labels("103", "000"), { classes: 3 });
  expect(perClass[1]).toMatchObject({ dice: 1, hd95: 0, truthEmpty: true });
  expect(perClass[2]).toMatchObject({ dice: 0, hd95: Math.hypot(2, 3) });
});

test("with policy skip a class leaves the mean of its distances, not of its overlaps", () => {
  const { mean } = scoreClasses(labels("100"), labels("102"), { classes: 2, empty: "skip" });
  expect(mean.dice).toBe(1 / 2);
  expect(mean.hd95).toBe(0);
});

test("a summary has each class over the images, and the mean of the classes", () => {
  const pairs = [
    scoreClasses(labels("1120"), labels("1120"), { classes: 2 }),
    scoreClasses(labels("1002"), labels("1102"), { classes: 2 }),
  ];
  const summary = summariseClasses(pairs, { resamples: 10 });
  expect(summary.perClass[0]!.metrics.dice.mean).toBeCloseTo(5 / 6, 14);
  expect(summary.perClass[1]!.metrics.dice.mean).toBe(1);
  expect(summary.mean.dice).toBeCloseTo(11 / 12, 14);
  expect(summary.images).toBe(2);
  expect(summariseClasses([])).toMatchObject({ images: 0, perClass: [] });
  expect(summariseClasses([]).mean.dice).toBeNaN();
});

test("classes above the number, and mixed numbers of classes, are refused", () => {
  const one = labels("10");
  expect(() => scoreClasses(labels("30"), one, { classes: 2 })).toThrow(
    new ArgumentError(
      "metrics: classes of the prediction must be at most 2, got 3 at row 0, column 0",
    ),
  );
  expect(() => scoreClasses(one, one, { classes: 256 })).toThrow(
    "metrics: number of classes must be a whole number from 1 to 255, got 256",
  );
  expect(() => scoreClasses({ ...one, classes: Uint8Array.of(1) }, one, { classes: 1 })).toThrow(
    "metrics: prediction of 2 x 1 must hold 2 values, got 1",
  );
  expect(() =>
    summariseClasses([
      scoreClasses(one, one, { classes: 1 }),
      scoreClasses(one, one, { classes: 2 }),
    ]),
  ).toThrow("summarise: all scores must have one number of classes, got 1 first and 2 at index 1");
});

test("a class that is nowhere leaves the means of an image and of the classes that are there", () => {
  const silent = scoreClasses(labels("11000"), labels("11200"), { classes: 3 });
  // Class 1 is right, class 2 missed, class 3 on neither side.
  expect(silent.held.dice).toBe(1 / 2);
  expect(silent.mean.dice).toBeCloseTo(2 / 3, 14);
  expect(silent.held.hd95).toBe(0);
  const nothing = scoreClasses(labels("00000"), labels("00000"), { classes: 3 });
  expect(nothing.held.dice).toBeNaN();
  const summary = summariseClasses([silent, nothing, nothing]);
  expect(summary.classesPresent).toBe(2);
  expect(summary.present.dice).toBe(1 / 2);
  expect(summary.micro.dice).toBe(1 / 2);
  expect(summary.mean.dice).toBeCloseTo((1 + 2 / 3 + 1) / 3, 14);
  expect(summary.perClass[1]!.present.dice).toMatchObject({ count: 1, mean: 0 });
  expect(summary.perClass[2]!.present.dice).toMatchObject({ count: 0, mean: NaN });
  expect(summary.perClass[2]!.micro.dice).toBeNaN();
});

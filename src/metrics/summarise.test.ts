import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { ArgumentError } from "../base/errors.ts";
import { metricNames } from "./metricTable.ts";
import { scorePair } from "./scorePair.ts";
import { summarise } from "./summarise.ts";

const empty = drawnMask("....\n....\n....");
const one = drawnMask("....\n.#..\n....");
const two = drawnMask("....\n.##.\n....");

test("a scored pair says how it was taken", () => {
  expect(scorePair(one, two)).toEqual({
    dice: 2 / 3,
    iou: 1 / 2,
    hd95: expect.closeTo(0.95, 12) as number,
    hd95Pooled: expect.closeTo(0.9, 12) as number,
    hausdorff: 1,
    assd: 1 / 3,
    masd: 1 / 4,
    sensitivity: 1 / 2,
    specificity: 1,
    precision: 1,
    nsd: 1,
    boundaryIou: 1 / 2,
    boundaryF: 1,
    thresholdedJaccard: 0,
    miouMacro: (1 / 2 + 10 / 11) / 2,
    width: 4,
    height: 3,
    unit: "px",
    counts: { truePositives: 1, falsePositives: 0, falseNegatives: 1, trueNegatives: 10 },
    predictionEmpty: false,
    truthEmpty: false,
    emptyPolicy: "diagonal",
    nsdTolerance: 1,
    distancesExcluded: false,
  });
  expect(scorePair(one, two, { spacingMm: { y: 1, x: 2 } })).toMatchObject({
    unit: "mm",
    hausdorff: 2,
  });
});

test("a mean of nothing is NaN, never 0", () => {
  const summary = summarise([]);
  expect(summary).toMatchObject({ images: 0, emptyTruths: 0, emptyPredictions: 0, excluded: 0 });
  expect(new Set(Object.values(summary.micro))).toEqual(new Set([NaN]));
  for (const name of metricNames)
    expect(summary.metrics[name]).toEqual({
      count: 0,
      mean: NaN,
      std: NaN,
      median: NaN,
      min: NaN,
      max: NaN,
      interval: { low: NaN, high: NaN },
    });
});

test("misses cost: with the default policy they enter the means with the diagonal", () => {
  const summary = summarise([scorePair(two, two), scorePair(empty, two), scorePair(empty, empty)]);
  expect(summary).toMatchObject({ images: 3, emptyTruths: 1, emptyPredictions: 2, excluded: 0 });
  expect(summary.metrics.dice.mean).toBeCloseTo(2 / 3, 14);
  expect(summary.metrics.hd95).toMatchObject({ count: 3, max: 5, mean: 5 / 3 });
});

test("skipped images leave the distances, not the overlaps, and are counted", () => {
  const pairs = [scorePair(one, two, { empty: "skip" }), scorePair(empty, two, { empty: "skip" })];
  const summary = summarise(pairs);
  expect(summary).toMatchObject({ images: 2, excluded: 1, emptyPolicy: "skip" });
  expect(summary.metrics.dice).toMatchObject({ count: 2, mean: 1 / 3 });
  expect(summary.metrics.hausdorff).toMatchObject({ count: 1, mean: 1 });
  expect(summarise(pairs.slice(1)).metrics.hd95).toMatchObject({ count: 0, mean: NaN });
});

test("NaN and infinite distances reach their means", () => {
  const under = (policy: "nan" | "infinity") =>
    summarise([one, empty].map((mask) => scorePair(mask, two, { empty: policy }))).metrics.assd;
  expect(under("nan")).toMatchObject({ count: 2, mean: NaN, median: NaN });
  expect(under("infinity")).toMatchObject({ count: 2, mean: Infinity, max: Infinity, min: 1 / 3 });
});

test("micro scores pool the pixels of all images", () => {
  const { micro } = summarise([scorePair(one, two), scorePair(two, one), scorePair(two, two)]);
  expect(micro.dice).toBe(8 / 10);
  expect(micro.iou).toBe(4 / 6);
  expect(micro.miouMacro).toBeCloseTo((4 / 6 + 30 / 32) / 2, 14);
});

test("scores in mm and in pixels, or of two policies, are not mixed", () => {
  expect(() =>
    summarise([scorePair(one, two), scorePair(one, two, { spacingMm: { y: 1, x: 1 } })]),
  ).toThrow(
    new ArgumentError(
      "summarise: all scores must have one unit of the distances, got px first and mm at index 1; " +
        "score all pairs with the same options",
    ),
  );
  expect(() => summarise([scorePair(one, two), scorePair(one, two, { empty: "nan" })])).toThrow(
    "summarise: all scores must have one empty policy, got diagonal first and nan at index 1",
  );
  expect(() => summarise([scorePair(one, two), scorePair(one, two, { nsdTolerance: 2 })])).toThrow(
    "summarise: all scores must have one tolerance of the surface Dice, got 1 first and 2 at index 1",
  );
});

test("the headline is over images that have it; silence is not rewarded", () => {
  const [none, found, part] = ["....", "##..", "#..."].map((text) => drawnMask(text));
  const pairs = [
    [found, found],
    [part, found],
    [none, found],
    [found, none],
    [none, none],
  ] as const;
  const summary = summarise(pairs.map(([p, t]) => scorePair(p!, t!)));
  expect(summary).toMatchObject({ images: 5, emptyTruths: 2, emptyPredictions: 2 });
  expect(summary).toMatchObject({ missed: 1, invented: 1 });
  // Three images have it: Dice 1, 2/3 and, missed, 0.
  expect(summary.present.dice).toMatchObject({ count: 3 });
  expect(summary.present.dice.mean).toBeCloseTo(5 / 9, 14);
  // Two were measured: border distances 0, and 1 from the missed pixel.
  expect(summary.present.hausdorff).toMatchObject({ count: 2, mean: 1 / 2, max: 1 });
  // Over all five: 1 for the image without, 0 for what was made up; two diagonals among the distances.
  expect(summary.metrics.dice.mean).toBeCloseTo((5 / 3 + 1) / 5, 14);
  expect(summary.metrics.hausdorff.mean).toBeCloseTo((1 + 2 * Math.hypot(1, 4)) / 5, 14);
  expect(summary.micro.dice).toBeCloseTo(6 / 11, 14);
  expect(summary.micro.sensitivity).toBeCloseTo(3 / 6, 14);
  expect(summary.micro.precision).toBeCloseTo(3 / 5, 14);
});

test("where every image has it on both sides, both means are the same", () => {
  const [found, part] = ["##..", "#..."].map((text) => drawnMask(text));
  const { present, metrics } = summarise([scorePair(part!, found!), scorePair(found!, part!)]);
  expect(present).toEqual(metrics);
});

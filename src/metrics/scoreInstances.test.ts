import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import { bestAssignment } from "./assignment.ts";
import { rSquared } from "./rSquared.ts";
import { scoreInstances } from "./scoreInstances.ts";
import { conicScores, summariseInstances } from "./summariseInstances.ts";

/** A digit an instance, `.` background; the class is 1 unless `classOf` says otherwise. */
function drawn(picture: string, classOf: (id: number) => number = () => 1): Labels {
  const rows = picture.trim().split(/\s+/);
  const ids = Int32Array.from(rows.join(""), (c) => (c === "." ? 0 : Number(c)));
  const classes = Uint8Array.from(ids, (id) => (id === 0 ? 0 : classOf(id)));
  return { width: rows[0]!.length, height: rows.length, classes, instances: ids };
}
const nothing = drawn("....\n....");

test("by hand: one match, one miss, one stray", () => {
  const truth = drawn("111.22\n111.22\n111...");
  const prediction = drawn("77....\n77....\n77.5..");
  const scores = scoreInstances(prediction, truth);
  expect(scores).toMatchObject({
    predicted: 2,
    actual: 2,
    detections: { truePositives: 1, falsePositives: 1, falseNegatives: 1, iouSum: 6 / 9 },
    dq: 1 / 2,
    sq: 6 / 9,
    pq: 1 / 3,
    aji: 6 / (9 + 4 + 1),
    ajiPlus: 6 / (9 + 4 + 1),
    excluded: false,
  });
});

test("an IoU of exactly one half is no match", () => {
  const { detections, pq, sq } = scoreInstances(drawn("11"), drawn("1."));
  expect(detections).toEqual({
    truePositives: 0,
    falsePositives: 1,
    falseNegatives: 1,
    iouSum: 0,
  });
  expect([pq, sq]).toEqual([0, 0]);
});

test("AJI may use a prediction twice, AJI+ not", () => {
  const { aji, ajiPlus } = scoreInstances(drawn("1111."), drawn("1122."));
  expect(aji).toBe((2 + 2) / (4 + 4));
  expect(ajiPlus).toBe(2 / (4 + 2));
});

test("no instances on either side: PQ is undefined and excluded, AJI is 1; on one side all are 0", () => {
  expect(scoreInstances(nothing, nothing)).toMatchObject({
    pq: NaN,
    dq: NaN,
    sq: NaN,
    aji: 1,
    ajiPlus: 1,
    excluded: true,
  });
  const some = drawn("1...\n....");
  for (const scores of [scoreInstances(some, nothing), scoreInstances(nothing, some)])
    expect(scores).toMatchObject({ pq: 0, dq: 0, sq: 0, aji: 0, ajiPlus: 0, excluded: false });
});

test("a map without background and ids with gaps are scored like any other", () => {
  const truth = drawn("1122\n1122");
  const gaps: Labels = { ...truth, instances: truth.instances!.map((id) => id * 70_000_000) };
  expect(scoreInstances(gaps, truth)).toMatchObject({ pq: 1, aji: 1, ajiPlus: 1, actual: 2 });
});

test("classes go by majority; a class compares its own instances alone", () => {
  const truth = drawn("11.22", (id) => id);
  const prediction: Labels = { ...truth, classes: Uint8Array.of(2, 2, 0, 2, 1) };
  const scores = scoreInstances(prediction, truth, { classes: 3 });
  expect(scores.pq).toBe(1);
  // Instance 1 is of class 2 now; instance 2 is tied between 1 and 2 and takes the smaller.
  expect(scores.perClass.map(({ detections: d }) => [d.falsePositives, d.falseNegatives])).toEqual([
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  expect(scores.perClass[2]).toMatchObject({ excluded: true, pq: NaN });
});

test("instances are counted in the central square", () => {
  const truth = drawn("1....\n.....\n..2.3\n.....\n4....");
  const counts = (countSize?: number) =>
    scoreInstances(truth, truth, countSize === undefined ? {} : { countSize }).centralCounts.actual;
  expect(counts()).toEqual([4]);
  expect(counts(3)).toEqual([1]);
  expect(counts(99)).toEqual([4]);
});

test("PQ = DQ SQ, bounds, symmetry, flips and new ids, on random maps", () => {
  const maps = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) => {
      const map = fc
        .array(fc.integer({ min: 0, max: 4 }), {
          minLength: width * height,
          maxLength: width * height,
        })
        .map((ids): Labels => ({
          width,
          height,
          classes: Uint8Array.from(ids, (id) => (id > 0 ? 1 + (id % 2) : 0)),
          instances: Int32Array.from(ids),
        }));
      return fc.tuple(map, map);
    });
  const changed = (labels: Labels, ids: (ids: Int32Array) => Int32Array): Labels => ({
    ...labels,
    instances: ids(labels.instances!),
    classes: labels.classes,
  });
  const flipped = (labels: Labels): Labels => ({
    ...changed(labels, (ids) => ids.slice().reverse()),
    classes: labels.classes.slice().reverse(),
  });
  fc.assert(
    fc.property(maps, ([a, b]) => {
      const scores = scoreInstances(a, b, { classes: 2 });
      const { pq, dq, sq, aji, ajiPlus, excluded, detections } = scores;
      if (excluded) return;
      expect(pq).toBe(dq * sq);
      for (const value of [pq, dq, sq, aji, ajiPlus]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      if (detections.truePositives > 0) expect(sq).toBeGreaterThan(0.5);
      const back = scoreInstances(b, a, { classes: 2 });
      expect(back.pq).toBeCloseTo(pq, 12);
      expect(scoreInstances(flipped(a), flipped(b), { classes: 2 })).toMatchObject({ pq, aji });
      const renamed = changed(a, (ids) => ids.map((id) => id * 13));
      expect(scoreInstances(renamed, b, { classes: 2 })).toEqual(scores);
      const itself = scoreInstances(a, a, { classes: 2 });
      if (!itself.excluded) expect(itself).toMatchObject({ pq: 1, dq: 1, sq: 1, aji: 1 });
    }),
    { seed: 14 },
  );
});

test("the assignment is the best of all, tried one by one", () => {
  const tables = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, columns]) =>
      fc
        .array(fc.option(fc.integer({ min: 1, max: 9 }), { nil: 0 }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        })
        .map((gains) => ({ rows, columns, gains })),
    );
  const total = (pairs: readonly { gain: number }[]) => pairs.reduce((s, { gain }) => s + gain, 0);
  const best = (columns: number, gains: number[][], row = 0, used = new Set<number>()): number =>
    row === gains.length
      ? 0
      : Math.max(
          best(columns, gains, row + 1, used),
          ...Array.from({ length: columns }, (_, c) =>
            used.has(c)
              ? 0
              : gains[row]![c]! + best(columns, gains, row + 1, new Set([...used, c])),
          ),
        );
  fc.assert(
    fc.property(tables, ({ rows, columns, gains }) => {
      const table = Array.from({ length: rows }, (_, r) =>
        gains.slice(r * columns, (r + 1) * columns),
      );
      const pairs = gains.flatMap((gain, i) =>
        gain === 0 ? [] : [{ row: Math.floor(i / columns), column: i % columns, gain }],
      );
      const chosen = bestAssignment(pairs);
      expect(new Set(chosen.map(({ row }) => row)).size).toBe(chosen.length);
      expect(new Set(chosen.map(({ column }) => column)).size).toBe(chosen.length);
      expect(total(chosen)).toBe(best(columns, table));
    }),
    { seed: 15 },
  );
});

test("a summary excludes images without instances from PQ, counts them, and pools the others", () => {
  const truth = drawn("11.22");
  const summary = summariseInstances(
    [
      scoreInstances(truth, truth),
      scoreInstances(drawn("11..."), truth),
      scoreInstances(drawn("....."), drawn(".....")),
    ],
    { resamples: 50 },
  );
  expect(summary).toMatchObject({
    images: 3,
    excluded: 1,
    emptyTruths: 1,
    emptyPredictions: 1,
    predicted: 3,
    actual: 4,
    bootstrap: { resamples: 50, confidence: 0.95, seed: 0 },
  });
  expect(summary.metrics.pq).toMatchObject({ count: 2, mean: (1 + 2 / 3) / 2 });
  expect(summary.metrics.aji).toMatchObject({ count: 3, mean: (1 + 1 / 2 + 1) / 3 });
  // Over the images that have instances: the one without counts in neither.
  expect(summary.present.aji).toMatchObject({ count: 2, mean: (1 + 1 / 2) / 2 });
  expect(summary.present.pq).toMatchObject({ count: 2, mean: (1 + 2 / 3) / 2 });
  expect(summary.pooled).toMatchObject({ truePositives: 3, falseNegatives: 1, dq: 3 / 3.5, sq: 1 });
  expect(summary.conic.mpqPlus).toBeCloseTo(3 / 3.5, 5);
  expect(summary.conic.r2[0]).toBeCloseTo(1 - 1 / (8 / 3), 12);
});

test("a summary of nothing is NaN", () => {
  expect(summariseInstances([])).toMatchObject({ images: 0, perClass: [], excluded: 0 });
  expect(summariseInstances([]).metrics.pq).toMatchObject({ count: 0, mean: NaN });
  expect(conicScores([])).toEqual({ mpqPlus: NaN, pqPlus: [], meanR2: NaN, r2: [] });
  expect(rSquared([1], [1])).toBeNaN();
});

test("what cannot be scored is refused", () => {
  const one = drawn("1.");
  const refused = (prediction: Labels, message: string, options = {}) => {
    expect(() => scoreInstances(prediction, one, options)).toThrow(message);
  };
  const { width, height, classes } = one;
  expect(() => scoreInstances(drawn("1"), one)).toThrow(ShapeError);
  refused(drawn("1"), "metrics: prediction and truth must have the same size, got 1 x 1 and 2 x 1");
  refused(
    { width, height, classes },
    "metrics: prediction must tell instances apart, got classes only; separate the instances first",
  );
  refused(
    { ...one, instances: Int32Array.of(1, -3) },
    "metrics: instance ids of the prediction must be 0 or more, got -3 at row 0, column 1",
  );
  refused(
    { ...one, instances: Int32Array.of(1) },
    "metrics: prediction of 2 x 1 must hold 2 values, got 1",
  );
  refused(
    { ...one, classes: Uint8Array.of(2, 0) },
    "metrics: classes of the prediction must be at most 1, got 2 at row 0, column 0",
  );
  refused(
    { ...one, classes: Uint8Array.of(0, 0) },
    "metrics: every instance of the prediction must have a class of 1 to 1, got only background for " +
      "instance 1 at row 0, column 0",
  );
  refused(one, "metrics: number of classes must be a whole number from 1 to 255, got 0", {
    classes: 0,
  });
  refused(one, "metrics: size of the counted square must be a whole number from 1, got 2.5", {
    countSize: 2.5,
  });
  expect(() =>
    summariseInstances([scoreInstances(one, one), scoreInstances(one, one, { classes: 2 })]),
  ).toThrow(
    new ArgumentError(
      "summarise: all scores must have one number of classes, got 1 first and 2 at index 1; " +
        "score all pairs with the same options",
    ),
  );
  expect(() => rSquared([1], [])).toThrow(
    new ArgumentError("rSquared: needs as many predictions as truths, got 1 and 0"),
  );
});

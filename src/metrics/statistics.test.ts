import { expect, test } from "vitest";
import { statistics, summariseMetrics } from "./statistics.ts";

test("statistics by hand", () => {
  expect(statistics([4, 1, 1])).toEqual({
    count: 3,
    mean: 2,
    std: Math.sqrt(3),
    median: 1,
    min: 1,
    max: 4,
  });
  expect(statistics([5])).toEqual({ count: 1, mean: 5, std: NaN, median: 5, min: 5, max: 5 });
});

test("a NaN makes all but the count NaN", () => {
  expect(statistics([1, NaN])).toEqual({
    count: 2,
    mean: NaN,
    std: NaN,
    median: NaN,
    min: NaN,
    max: NaN,
  });
});

test("several metrics are summed up together, each with the interval of its mean", () => {
  const summary = summariseMetrics({ a: [0, 1, 2, 3], b: [5] }, { resamples: 200 });
  expect(summary.a).toMatchObject({ count: 4, mean: 1.5 });
  expect(summary.a.interval.low).toBeLessThan(1.5);
  expect(summary.a.interval.high).toBeGreaterThan(1.5);
  expect(summary.b).toMatchObject({ mean: 5, interval: { low: NaN, high: NaN } });
});

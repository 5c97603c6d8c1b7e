import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { percentile, pooledPercentile } from "./percentile.ts";

test("between two values the percentile is linear", () => {
  expect(percentile(Float64Array.of(10, 0), 95)).toBe(9.5);
  expect(percentile(Float64Array.of(4, 1, 3, 2), 50)).toBe(2.5);
  expect(percentile(Float64Array.of(4, 1, 3, 2), 0)).toBe(1);
  expect(percentile(Float64Array.of(4, 1, 3, 2), 100)).toBe(4);
  expect(percentile(Float64Array.of(7), 95)).toBe(7);
});

test("infinities stay infinite and never become NaN", () => {
  expect(percentile(Float64Array.of(Infinity, Infinity, Infinity, 0), 50)).toBe(Infinity);
  expect(percentile(Float64Array.of(1, Infinity), 50)).toBe(Infinity);
});

test("selection gives what sorting gives", () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 100, noNaN: true }), (list, q) => {
      const sorted = [...list].sort((a, b) => a - b);
      const rank = (q / 100) * (list.length - 1);
      const low = sorted[Math.floor(rank)]!;
      const high = sorted[Math.ceil(rank)]!;
      expect(percentile(Float64Array.from(list), q)).toBeCloseTo(
        low + (rank - Math.floor(rank)) * (high - low),
        12,
      );
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("no values, or a percentage out of range, are refused", () => {
  expect(() => percentile(new Float64Array(0), 50)).toThrow(
    new ArgumentError("percentile: needs at least one value, got 0"),
  );
  expect(() => percentile(Float64Array.of(1), 101)).toThrow(
    new ArgumentError("percentile: q must be between 0 and 100, got 101"),
  );
});

test("two lists pooled without joining them have the percentile of the joined one", () => {
  const lists = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
  fc.assert(
    fc.property(lists, lists, fc.boolean(), fc.constantFrom(0, 5, 50, 95, 100), (a, b, sort, q) => {
      if (a.length + b.length === 0) return;
      const order = (values: number[]) => Float64Array.from(sort ? values.sort() : values);
      const joined = percentile(Float64Array.from([...a, ...b]), q);
      expect(pooledPercentile(order(a), order(b), q)).toBeCloseTo(joined, 12);
    }),
    { seed: 18 },
  );
});

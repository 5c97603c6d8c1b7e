import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { bootstrapMean, bootstrapMeans } from "./bootstrap.ts";
import { comparePaired } from "./comparePaired.ts";
import { signFlipTest } from "./signFlipTest.ts";
import { upperTail, wilcoxonSignedRank } from "./wilcoxon.ts";

interface Test {
  readonly statistic: number;
  readonly p: number;
}
interface Case {
  readonly name: string;
  readonly differences: readonly number[];
  readonly exact: Test | null;
  readonly normal: Test;
  readonly permutation: { readonly p: number } | null;
  readonly bootstrap: { readonly low: number; readonly high: number } | null;
}
const fixture = JSON.parse(
  readFileSync(new URL("fixtures/pairedTests.json", import.meta.url), "utf8"),
) as { cases: Case[]; normalTail: [z: number, p: number][] };

test("the fixture holds every case", () => {
  expect(fixture.cases).toHaveLength(9);
});

test.each(fixture.cases)("$name: Wilcoxon's test as SciPy", ({ differences, exact, normal }) => {
  const ours = wilcoxonSignedRank(differences, "normal");
  expect(ours).toMatchObject({ statistic: normal.statistic, method: "normal" });
  expect(ours.p).toBeCloseTo(normal.p, 12);
  const chosen = wilcoxonSignedRank(differences);
  if (exact === null) {
    expect(chosen).toEqual(ours);
    return;
  }
  const counted = wilcoxonSignedRank(differences, "exact");
  expect(counted).toMatchObject({ statistic: exact.statistic, method: "exact" });
  expect(Math.abs(counted.p / exact.p - 1)).toBeLessThan(1e-11);
  expect(chosen).toEqual(differences.length <= 50 ? counted : ours);
});

test.each(fixture.cases.filter(({ permutation }) => permutation !== null))(
  "$name: sign flips as SciPy's permutation test, all of them",
  ({ differences, permutation }) => {
    const { p, method, flips } = signFlipTest(differences);
    expect({ method, flips }).toEqual({ method: "exact", flips: 2 ** differences.length });
    expect(p).toBeCloseTo(permutation!.p, 12);
  },
);

test.each(fixture.cases.filter(({ bootstrap }) => bootstrap !== null))(
  "$name: bootstrap interval near SciPy's of 100,000 resamples",
  ({ differences, bootstrap }) => {
    const { low, high } = bootstrapMean(differences, { resamples: 20_000 });
    const width = bootstrap!.high - bootstrap!.low;
    expect(Math.abs(low - bootstrap!.low) / width).toBeLessThan(0.03);
    expect(Math.abs(high - bootstrap!.high) / width).toBeLessThan(0.03);
  },
);

test("tail of the normal distribution as SciPy", () => {
  for (const [z, p] of fixture.normalTail)
    expect(Math.abs(upperTail(z) / p - 1), `z = ${z}`).toBeLessThan(1e-12);
});

test("many sign flips are drawn, the same for the same seed, near Wilcoxon's answer", () => {
  const { differences } = fixture.cases.find(({ name }) => name === "fifty")!;
  const drawn = signFlipTest(differences);
  expect(drawn).toMatchObject({ method: "random", flips: 10_000 });
  expect(drawn.p).toBeGreaterThan(0.02);
  expect(drawn.p).toBeLessThan(0.08);
  expect(signFlipTest(differences, { seed: 0 })).toEqual(drawn);
  expect(signFlipTest(differences, { seed: 1 }).p).not.toBe(drawn.p);
});

test("no differences are no evidence", () => {
  expect(wilcoxonSignedRank([])).toMatchObject({ p: 1, count: 0 });
  expect(wilcoxonSignedRank([0, 0])).toMatchObject({ p: 1, count: 0 });
  expect(signFlipTest([])).toMatchObject({ p: 1 });
  expect(signFlipTest([0, 0])).toMatchObject({ p: 1 });
});

test("NaN makes a test NaN; infinite differences rank highest", () => {
  expect(wilcoxonSignedRank([1, NaN]).p).toBeNaN();
  expect(signFlipTest([1, Infinity]).p).toBeNaN();
  expect(wilcoxonSignedRank([1, 2, 3, Infinity]).p).toBe(wilcoxonSignedRank([1, 2, 3, 4]).p);
});

test("intervals hold their mean, shrink with more images, and repeat with their seed", () => {
  const values = Array.from({ length: 400 }, (_, i) => Math.sin(i));
  const few = bootstrapMean(values.slice(0, 25));
  const many = bootstrapMean(values);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
  expect(bootstrapMean(values)).toEqual(many);
  expect(bootstrapMean(values, { seed: 1 })).not.toEqual(many);
  const narrow = bootstrapMean(values, { confidence: 0.5 });
  expect(narrow.low).toBeGreaterThan(many.low);
  expect(narrow.high).toBeLessThan(many.high);
  // Lists of one length are drawn alike.
  const [a, b] = bootstrapMeans([values, values.map((value) => value + 1)]);
  expect(b!.low - a!.low).toBeCloseTo(1, 12);
});

test("about 95 of 100 intervals hold the true mean", () => {
  const drawn = Array.from({ length: 400 }, (_, i) => {
    const values = Array.from({ length: 30 }, (_, k) => {
      const u = Math.sin(12.9898 * (31 * i + k + 1)) * 43758.5453;
      return u - Math.floor(u);
    });
    const { low, high } = bootstrapMean(values, { resamples: 500 });
    return low <= 0.5 && 0.5 <= high;
  });
  const share = drawn.filter(Boolean).length / drawn.length;
  expect(share).toBeGreaterThan(0.9);
  expect(share).toBeLessThan(0.98);
});

test("two runs: differences are b - a, of images that have the metric in both", () => {
  const result = comparePaired([0.5, 0.6, NaN, Infinity], [0.7, 0.6, 1, Infinity]);
  expect(result).toMatchObject({ count: 3, larger: 1, smaller: 0, equal: 2, meanA: Infinity });
  expect(result.difference).toBeCloseTo(0.2 / 3, 14);
  expect(result.interval.low).toBe(0);
});

test("unusable options are refused", () => {
  expect(() => bootstrapMean([1, 2], { resamples: 0 })).toThrow(
    new ArgumentError(
      "bootstrap: resamples must be a whole number from 1, got 0; the default is 2000",
    ),
  );
  expect(() => bootstrapMean([1, 2], { confidence: 95 })).toThrow(
    new ArgumentError("bootstrap: confidence must be above 0 and below 1, got 95; 0.95 is usual"),
  );
  expect(() => signFlipTest([1], { flips: 0.5 })).toThrow(
    new ArgumentError("signFlipTest: flips must be a whole number from 1, got 0.5"),
  );
  expect(() => wilcoxonSignedRank([1, 1, 0], "exact")).toThrow(
    new ArgumentError(
      "wilcoxon: the exact test needs differences without zeros and ties, got 1 zeros and 1 groups " +
        "of ties; use method normal",
    ),
  );
  expect(() => comparePaired([1], [])).toThrow(
    new ArgumentError("comparePaired: needs scores of the same images, got 1 and 0 scores"),
  );
});

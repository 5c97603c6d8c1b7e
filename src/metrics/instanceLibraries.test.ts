import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Labels } from "../tensor/raster.ts";
import { rSquared } from "./rSquared.ts";
import { scoreInstances } from "./scoreInstances.ts";
import { conicScores } from "./summariseInstances.ts";

interface Case {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly prediction: readonly number[];
  readonly predictionClasses: readonly number[];
  readonly truth: readonly number[];
  readonly truthClasses: readonly number[];
  readonly conic: {
    readonly pq: number;
    readonly dq: number;
    readonly sq: number;
    readonly counts: readonly number[];
    readonly iouSum: number;
    readonly perClass: readonly (readonly [number, number, number, number])[];
  };
  readonly hoverNet: { readonly aji: number; readonly ajiPlus: number } | null;
  readonly monai: Readonly<Record<"pq" | "dq" | "sq", readonly number[]>>;
  readonly centralCounts: Readonly<Record<"predicted" | "actual", readonly number[]>>;
}
interface Fixture {
  readonly classes: number;
  readonly countSize: number;
  readonly cases: readonly Case[];
  readonly dataset: Readonly<Record<"mpqPlus" | "meanR2", number>> &
    Readonly<Record<"pqPlus" | "r2", readonly number[]>>;
  readonly r2: readonly {
    readonly predicted: readonly number[];
    readonly actual: readonly number[];
    readonly r2: number;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("fixtures/instances.json", import.meta.url), "utf8"),
) as Fixture;
const { classes, countSize } = fixture;

const unrun = (runs: readonly number[]) =>
  runs.flatMap((value, i) => (i % 2 === 0 ? new Array<number>(runs[i + 1]!).fill(value) : []));

const labels = (
  { width, height }: Case,
  ids: readonly number[],
  kinds: readonly number[],
): Labels => ({
  width,
  height,
  classes: Uint8Array.from(unrun(kinds)),
  instances: Int32Array.from(unrun(ids)),
});
const score = (made: Case) =>
  scoreInstances(
    labels(made, made.prediction, made.predictionClasses),
    labels(made, made.truth, made.truthClasses),
    { classes, countSize },
  );
const near = (got: number, wanted: number, what: string, tolerance = 1e-9) => {
  expect(Math.abs(got - wanted), `${what}: ${got} and ${wanted}`).toBeLessThanOrEqual(tolerance);
};
/** What the challenge's 1e-6 in the denominators makes of DQ, SQ and PQ. */
const withEpsilon = (tp: number, fp: number, fn: number, iouSum: number) => {
  const dq = tp / (tp + 0.5 * fp + 0.5 * fn + 1e-6);
  const sq = iouSum / (tp + 1e-6);
  return { dq, sq, pq: dq * sq };
};

test("the fixture holds every case", () => {
  expect(fixture.cases).toHaveLength(11);
});

test.each(fixture.cases)("$name: detections and PQ as the CoNIC code, to 1e-9", (made) => {
  const { detections, perClass, pq, dq, sq } = score(made);
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, iouSum } = detections;
  expect([tp, fp, fn]).toEqual(made.conic.counts);
  near(iouSum, made.conic.iouSum, "sum of IoU");
  const theirs = withEpsilon(tp, fp, fn, iouSum);
  near(theirs.pq, made.conic.pq, "PQ");
  near(theirs.dq, made.conic.dq, "DQ");
  near(theirs.sq, made.conic.sq, "SQ");
  // Without the epsilon ours differ from theirs by no more than it.
  if (tp + fp + fn > 0)
    for (const [ours, conic] of [
      [pq, made.conic.pq],
      [dq, made.conic.dq],
      [sq, made.conic.sq],
    ] as const)
      near(ours, conic, "without epsilon", 2e-6);
  else expect([pq, dq, sq]).toEqual([NaN, NaN, NaN]);
  perClass.forEach(({ detections: own }, k) => {
    const [ownTp, ownFp, ownFn, ownSum] = made.conic.perClass[k]!;
    expect([own.truePositives, own.falsePositives, own.falseNegatives]).toEqual([
      ownTp,
      ownFp,
      ownFn,
    ]);
    near(own.iouSum, ownSum, `sum of IoU of class ${k + 1}`);
  });
});

test.each(fixture.cases)(
  "$name: PQ, DQ and SQ of each class as MONAI, in its single precision",
  (made) => {
    score(made).perClass.forEach(({ excluded, pq, dq, sq }, k) => {
      const ours = excluded ? [0, 0, 0] : [pq, dq, sq];
      (["pq", "dq", "sq"] as const).forEach((name, i) => {
        near(ours[i]!, made.monai[name][k]!, `${name} of class ${k + 1}`, 2e-6);
      });
    });
  },
);

test.each(fixture.cases)("$name: AJI and AJI+ as HoVer-Net's code, to 1e-9", (made) => {
  const { aji, ajiPlus, actual, predicted } = score(made);
  if (made.hoverNet === null) {
    const expected = actual + predicted === 0 ? 1 : 0;
    expect([aji, ajiPlus]).toEqual([expected, expected]);
    return;
  }
  near(aji, made.hoverNet.aji, "AJI");
  near(ajiPlus, made.hoverNet.ajiPlus, "AJI+");
});

test.each(fixture.cases)("$name: counts of the middle as the CoNIC code", (made) => {
  expect(score(made).centralCounts).toEqual(made.centralCounts);
});

test("mPQ+ and R2 over all cases as the challenge's code, to 1e-9", () => {
  const ours = conicScores(fixture.cases.map(score));
  near(ours.mpqPlus, fixture.dataset.mpqPlus, "mPQ+");
  near(ours.meanR2, fixture.dataset.meanR2, "R2");
  for (let k = 0; k < classes; k++) {
    near(ours.pqPlus[k]!, fixture.dataset.pqPlus[k]!, `PQ+ of class ${k + 1}`);
    near(ours.r2[k]!, fixture.dataset.r2[k]!, `R2 of class ${k + 1}`);
  }
});

test("R2 as scikit-learn, constant truths included", () => {
  for (const { predicted, actual, r2 } of fixture.r2) near(rSquared(predicted, actual), r2, "R2");
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Mask } from "../tensor/raster.ts";
import { border } from "./border.ts";
import { distanceTransform, type Spacing } from "./distanceTransform.ts";
import { scorePair } from "./scorePair.ts";

interface Size {
  readonly width: number;
  readonly height: number;
  readonly spacing: readonly [row: number, column: number];
}
interface Pair extends Size {
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
  readonly medpy: Readonly<
    Record<"dc" | "jc" | "recall" | "specificity" | "precision" | "hd" | "hd95" | "assd", number>
  > & { readonly asd: readonly [number, number] };
  readonly monai: MonaiScores & Readonly<Record<"iou" | "iouOfBackground", number>>;
  readonly monaiInDouble: MonaiScores;
  readonly scikitImage: { readonly hausdorffOfBorders: number };
  readonly surfaceDistance: { readonly surfaceDice: number; readonly hausdorff95: number };
  readonly boundaryIouApi: number;
  readonly davis: { readonly boundaryF: number; readonly jaccard: number };
}
type MonaiScores = Readonly<
  Record<"hausdorff" | "hausdorff95" | "averageSymmetric" | "surfaceDice", number>
>;
/** Null where the library raises an error, a text where it gives NaN or infinity. */
type Given = number | string | null;
interface Empty extends Size {
  readonly name: string;
  readonly prediction: string;
  readonly truth: string;
  readonly medpy: Readonly<Record<"dc" | "hd95" | "assd", Given>>;
  readonly monai: Readonly<Record<"hausdorff" | "hausdorff95" | "surfaceDice" | "iou", Given>>;
  readonly surfaceDistance: Readonly<Record<"surfaceDice" | "hausdorff95", Given>> | null;
  readonly boundaryIouApi: Given;
  readonly davis: Readonly<Record<"boundaryF" | "jaccard", Given>>;
}
interface Transform extends Size {
  readonly mask: string;
  readonly border: string;
  readonly distances: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("fixtures/metrics.json", import.meta.url), "utf8"),
) as { nsdTolerance: number; pairs: Pair[]; empties: Empty[]; transforms: Transform[] };
const { nsdTolerance } = fixture;

function unpack(hex: string, { width, height }: Size): Mask {
  const bit = (i: number) => (parseInt(hex[i >> 2]!, 16) >> (3 - (i & 3))) & 1;
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => bit(i)) };
}
const spacingOf = ({ spacing: [y, x] }: Size): Spacing => ({ y, x });

const near = (got: number, wanted: number, tolerance: number, what: string) => {
  expect(Math.abs(got - wanted), `${what}: ${got} and ${wanted}`).toBeLessThanOrEqual(tolerance);
};

test("the fixture holds every case", () => {
  expect(fixture.pairs).toHaveLength(14);
  expect(fixture.empties).toHaveLength(5);
  expect(fixture.transforms).toHaveLength(2);
});

test.each(fixture.pairs)("$name: as MedPy, to 1e-9", (pair) => {
  const { medpy } = pair;
  const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair), {
    spacingMm: spacingOf(pair),
  });
  near(scores.dice, medpy.dc, 1e-9, "Dice");
  near(scores.iou, medpy.jc, 1e-9, "IoU");
  near(scores.sensitivity, medpy.recall, 1e-9, "sensitivity");
  near(scores.precision, medpy.precision, 1e-9, "precision");
  near(scores.specificity, medpy.specificity, 1e-9, "specificity");
  near(scores.hausdorff, medpy.hd, 1e-9, "Hausdorff");
  near(scores.hd95Pooled, medpy.hd95, 1e-9, "pooled HD95");
  near(scores.assd, medpy.assd, 1e-9, "ASSD");
  near(scores.masd, (medpy.asd[0] + medpy.asd[1]) / 2, 1e-9, "MASD");
});

test.each(fixture.pairs)("$name: as MONAI, to 1e-9 and to its single precision", (pair) => {
  const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair), {
    spacingMm: spacingOf(pair),
    nsdTolerance,
  });
  for (const [monai, tolerance] of [
    [pair.monaiInDouble, 1e-9],
    [pair.monai, 1e-4],
  ] as const) {
    near(scores.hausdorff, monai.hausdorff, tolerance, "Hausdorff");
    near(scores.hd95, monai.hausdorff95, tolerance, "HD95");
    near(scores.assd, monai.averageSymmetric, tolerance, "ASSD");
    near(scores.nsd, monai.surfaceDice, tolerance, "NSD");
  }
  near(scores.iou, pair.monai.iou, 1e-6, "IoU");
  near(scores.miouMacro, (pair.monai.iou + pair.monai.iouOfBackground) / 2, 1e-6, "mIoU");
});

test.each(fixture.pairs)("$name: Hausdorff distance as scikit-image, in pixels", (pair) => {
  const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair));
  near(scores.hausdorff, pair.scikitImage.hausdorffOfBorders, 1e-9, "Hausdorff");
});

test.each(fixture.pairs)("$name: boundaries as the published code, to 1e-9", (pair) => {
  const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair));
  near(scores.boundaryIou, pair.boundaryIouApi, 1e-9, "boundary IoU");
  near(scores.boundaryF, pair.davis.boundaryF, 1e-9, "boundary F");
  near(scores.iou, pair.davis.jaccard, 1e-9, "IoU");
});

test("surface-distance measures other surfaces: near on round masks, never the same rule", () => {
  const ofDisks = fixture.pairs.filter(({ name }) => name.startsWith("disks"));
  expect(ofDisks).toHaveLength(4);
  for (const pair of ofDisks) {
    const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair), {
      spacingMm: spacingOf(pair),
      nsdTolerance,
    });
    near(scores.nsd, pair.surfaceDistance.surfaceDice, 0.05, "NSD");
    expect(Math.abs(scores.nsd - pair.surfaceDistance.surfaceDice)).toBeGreaterThan(1e-5);
  }
});

test("where a mask is empty we go on where libraries stop or leave the image out", () => {
  const scored = fixture.empties.map((pair) => ({
    pair,
    ours: scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair), { nsdTolerance }),
  }));
  const [noPrediction, noTruth, neither, everything, allAgainstNothing] = scored;
  for (const { pair, ours } of [noPrediction!, noTruth!, allAgainstNothing!]) {
    expect(ours).toMatchObject({ dice: 0, iou: 0, nsd: 0, boundaryIou: 0, boundaryF: 0 });
    expect(ours.hd95).toBeCloseTo(Math.hypot(20, 33), 12);
    expect(pair.medpy).toMatchObject({ dc: 0, hd95: null, assd: null });
    expect(pair.monai).toMatchObject({ hausdorff: "inf", hausdorff95: "nan", surfaceDice: 0 });
    expect(pair.surfaceDistance).toMatchObject({ surfaceDice: 0, hausdorff95: "inf" });
    expect(pair.boundaryIouApi).toBe(0);
  }
  expect(noPrediction!.pair.davis.boundaryF).toBe(0);
  // A full mask has no contour in DAVIS' reading, so that it counts as found against nothing.
  expect(allAgainstNothing!.pair.davis.boundaryF).toBe(1);
  expect(neither!.ours).toMatchObject({ dice: 1, nsd: 1, boundaryIou: 1, boundaryF: 1, hd95: 0 });
  expect(neither!.pair.medpy).toMatchObject({ dc: "nan", hd95: null });
  expect(neither!.pair.monai).toMatchObject({ hausdorff95: "nan", surfaceDice: "nan", iou: 1 });
  expect(neither!.pair.surfaceDistance).toBeNull();
  expect(neither!.pair.davis).toMatchObject({ boundaryF: 1, jaccard: 1 });
  expect(everything!.ours).toMatchObject({
    dice: 1,
    nsd: 1,
    boundaryIou: 1,
    boundaryF: 1,
    hd95: 0,
  });
});

test.each(fixture.transforms)("border and distances of $width x $height as SciPy", (made) => {
  const mask = unpack(made.mask, made);
  expect(border(mask)).toEqual(unpack(made.border, made));
  const distances = distanceTransform(mask, spacingOf(made));
  made.distances.forEach((wanted, i) => {
    near(distances[i]!, wanted, 1e-9, `pixel ${i}`);
  });
});

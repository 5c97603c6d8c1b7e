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
  readonly monai: MonaiScores;
  readonly monaiInDouble: MonaiScores;
  readonly scikitImage: { readonly hausdorffOfBorders: number };
}
type MonaiScores = Readonly<Record<"hausdorff" | "hausdorff95" | "averageSymmetric", number>>;
interface Transform extends Size {
  readonly mask: string;
  readonly border: string;
  readonly distances: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("fixtures/metrics.json", import.meta.url), "utf8"),
) as { pairs: Pair[]; transforms: Transform[] };

function unpack(hex: string, { width, height }: Size): Mask {
  const bit = (i: number) => (parseInt(hex[i >> 2]!, 16) >> (3 - (i & 3))) & 1;
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => bit(i)) };
}
const spacingOf = ({ spacing: [y, x] }: Size): Spacing => ({ y, x });

const near = (got: number, wanted: number, tolerance: number, what: string) => {
  expect(Math.abs(got - wanted), `${what}: ${got} and ${wanted}`).toBeLessThanOrEqual(tolerance);
};

test("the fixture holds every case", () => {
  expect(fixture.pairs).toHaveLength(12);
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
  });
  for (const [monai, tolerance] of [
    [pair.monaiInDouble, 1e-9],
    [pair.monai, 1e-4],
  ] as const) {
    near(scores.hausdorff, monai.hausdorff, tolerance, "Hausdorff");
    near(scores.hd95, monai.hausdorff95, tolerance, "HD95");
    near(scores.assd, monai.averageSymmetric, tolerance, "ASSD");
  }
});

test.each(fixture.pairs)("$name: Hausdorff distance as scikit-image, in pixels", (pair) => {
  const scores = scorePair(unpack(pair.prediction, pair), unpack(pair.truth, pair));
  near(scores.hausdorff, pair.scikitImage.hausdorffOfBorders, 1e-9, "Hausdorff");
});

test.each(fixture.transforms)("border and distances of $width x $height as SciPy", (made) => {
  const mask = unpack(made.mask, made);
  expect(border(mask)).toEqual(unpack(made.border, made));
  const distances = distanceTransform(mask, spacingOf(made));
  made.distances.forEach((wanted, i) => {
    near(distances[i]!, wanted, 1e-9, `pixel ${i}`);
  });
});

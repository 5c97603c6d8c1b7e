/**
 * Sorts dermoscopic images with lesion masks into kinds by what can be measured of them.
 *
 *     npx tsx scripts/lesionKinds.ts <data set> <kinds.csv>
 */
import { atomicWriteFile } from "../src/base/files.node.ts";
import { resizeImage, resizeLabels } from "../src/data/images/resize.ts";
import { openDataset } from "../src/data/openDataset.node.ts";
import { readSample } from "../src/data/readSample.node.ts";
import type { Labelled } from "../src/tensor/raster.ts";

interface Features {
  readonly name: string;
  /** Luminance of the four corners, as a share of the skin's. */
  readonly corners: number;
  /** Share of the image that is lesion. */
  readonly area: number;
  /** Skin's luminance less the lesion's, 0..255. */
  readonly contrast: number;
  /** Share of the skin that thin dark lines cover. */
  readonly hair: number;
}

/** Side at which images are measured, pixels. */
const side = 256;

function featuresOf(name: string, sample: Labelled): Features {
  const image = resizeImage(sample.image, side, side);
  const { classes } = resizeLabels(sample.labels, side, side);
  const grey = Float64Array.from(classes, (_, i) => {
    const [r, g, b] = image.data.subarray(3 * i, 3 * i + 3);
    return 0.299 * r! + 0.587 * g! + 0.114 * b!;
  });
  const [corner, middle] = [side / 16, side / 2];
  let [inside, insideCount, skin, skinCount, dark, darkCount] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const [fromX, fromY] = [Math.min(x, side - 1 - x), Math.min(y, side - 1 - y)];
    if (fromX < corner && fromY < corner) {
      dark += grey[i]!;
      darkCount++;
    }
    if (classes[i]! > 0) {
      inside += grey[i]!;
      insideCount++;
    } else if ((x - middle) ** 2 + (y - middle) ** 2 < (0.9 * middle) ** 2) {
      skin += grey[i]!;
      skinCount++;
    }
  }
  const skinMean = skinCount > 0 ? skin / skinCount : NaN;
  return {
    name,
    corners: dark / darkCount / skinMean,
    area: insideCount / grey.length,
    contrast: skinMean - inside / insideCount,
    hair: hairOf(grey, classes),
  };
}

/** Black top-hat along rows, columns and both diagonals: what a closing of 9 pixels fills by 20 levels is thin and dark. */
function hairOf(grey: Float64Array, classes: Uint8Array): number {
  const steps = [1, side, side + 1, side - 1];
  const reach = 4;
  let [hairy, skin] = [0, 0];
  for (let y = 2 * reach; y < side - 2 * reach; y += 2) {
    for (let x = 2 * reach; x < side - 2 * reach; x += 2) {
      const i = y * side + x;
      if (classes[i]! > 0) continue;
      skin++;
      const thin = steps.some((step) => {
        let [left, right] = [0, 0];
        for (let k = 2; k <= reach; k++) {
          left = Math.max(left, grey[i - k * step]!);
          right = Math.max(right, grey[i + k * step]!);
        }
        return Math.min(left, right) - grey[i]! > 20;
      });
      if (thin) hairy++;
    }
  }
  return skin === 0 ? 0 : hairy / skin;
}

/** The kind, by the first rule that fits; the limits were set by looking at contact sheets of the 806 images of ISIC 2016. */
function kindOf({ corners, area, contrast, hair }: Features): string {
  if (corners < 0.7) return "dark corners";
  if (area > 0.5) return "large";
  if (contrast < 25) return "pale";
  if (hair > 0.03) return "hair";
  return area < 0.06 ? "small" : "plain";
}

const [folder = "", csv = ""] = process.argv.slice(2);
const { train, validation, test } = await openDataset(folder);
const lines = ["name,group,corners,area,contrast,hair"];
for (const sample of [...train, ...validation, ...test]) {
  const f = featuresOf(sample.name, await readSample(sample));
  const numbers = [f.corners, f.area, f.contrast, f.hair].map((value) => value.toFixed(3));
  lines.push([f.name, kindOf(f), ...numbers].join(","));
}
await atomicWriteFile(csv, lines.map((line) => `${line}\n`).join(""));

/** A sheet of augmented samples, to see what a network will be shown. */
import { z } from "zod";
import { augment } from "../data/augment/augment.ts";
import { augmentOperations, type AugmentSettings } from "../data/augment/augmentOptions.ts";
import { cutWindow } from "../data/augment/window.ts";
import { type Sample } from "../data/dataset.ts";
import { fits } from "../data/loader/networkInput.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { readSample } from "../data/readSample.node.ts";
import { resizeImage, resizeLabels } from "../data/images/resize.ts";
import { writeImagePng } from "../data/formats/writePng.node.ts";
import { captioned, withLegend } from "../report/captioned.node.ts";
import { contactSheet } from "../report/contactSheet.ts";
import { drawLabels } from "../report/drawLabels.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { Labelled, RgbImage } from "../tensor/raster.ts";
import { augmentDefaultsSchema, pickAugmentOptions } from "../run/augmentOptions.ts";
import { refuseExisting } from "./refuseExisting.node.ts";
import { openingOptions } from "../run/dataOptions.ts";
import { checkOptions, fileOption, flagOf, folderOption } from "../base/options.ts";

export const augmentSheetSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  out: fileOption("PNG file to write"),
  ...openingOptions,
  rows: z.int().min(1).max(100).default(5).describe("images, evenly spaced over the training part"),
  columns: z.int().min(1).max(50).default(6).describe("augmentations of each"),
  size: z.int().min(16).max(1024).default(160).describe("height and width of a picture, pixels"),
  fit: z
    .enum(fits)
    .optional()
    .describe("resize whole images, or crop (default: crop for instances, else resize)"),
  seed: z.int().min(0).default(0).describe("seed of the augmentations"),
  operations: z
    .boolean()
    .default(true)
    .describe("begin with each operation alone, the strongest of eight draws"),
  overwrite: z.boolean().default(false).describe("replace the sheet if it is there"),
  ...augmentDefaultsSchema.shape,
});

export type AugmentSheetOptions = z.input<typeof augmentSheetSchema>;

export interface AugmentSheetResult {
  readonly out: string;
  readonly width: number;
  readonly height: number;
  /** Names of the images, one a row. */
  readonly names: readonly string[];
  /** The operations that were shown alone. */
  readonly operations: readonly string[];
}

type Checked = z.output<typeof augmentSheetSchema>;

/**
 * Writes a picture of samples as training would augment them, labels outlined: first every operation by
 * itself on the first image (of eight draws the one that changes most), then a row for each image, the original in front.
 *
 * @throws {ArgumentError} for unusable options, or a file that is in the way.
 * @throws {DataError} for data that cannot be read, or a file that cannot be written.
 */
export async function augmentSheet(
  options: AugmentSheetOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<AugmentSheetResult> {
  const checked = checkOptions(augmentSheetSchema, options, "options of augment");
  const { path, out, rows, columns, seed, operations } = checked;
  if (!out.toLowerCase().endsWith(".png")) {
    throw new ArgumentError(`out (--${flagOf("out")}) must be a .png file, got ${out}`);
  }
  await refuseExisting(out, checked.overwrite);
  const settings = pickAugmentOptions(checked);
  const { train, test, instances, classes } = await openDataset(path, checked);
  const pool = train.length > 0 ? train : test;
  if (pool.length === 0) throw new DataError(`${path}: data set must hold images, got none`);
  const chosen = spread(pool, rows);
  const fit = checked.fit ?? (instances ? "crop" : "resize");

  const cells: RgbImage[] = [];
  const add = async (text: string, { image, labels: shown }: Labelled): Promise<void> => {
    cells.push(await captioned(drawLabels(image, shown), text));
  };
  for (const [row, sample] of chosen.entries()) {
    const original = fitted(await readSample(sample), checked.size, fit);
    if (row === 0 && operations) {
      await add(sample.name, original);
      for (const name of augmentOperations) {
        await add(name, strongest(original, seed, alone(settings, name)));
      }
      fillRow(cells, columns + 1);
    }
    await add(sample.name, original);
    for (let column = 1; column <= columns; column++) {
      const random = Random.of(seed, "sheet", row, column);
      await add(`augmented ${column}`, augment(original, random, settings));
    }
    onProgress?.(row + 1, chosen.length);
  }
  const sheet = await withLegend(contactSheet(cells, { columns: columns + 1 }), classes);
  await writeImagePng(out, sheet);
  return {
    out,
    width: sheet.width,
    height: sheet.height,
    names: chosen.map(({ name }) => name),
    operations: operations ? augmentOperations : [],
  };
}

/** `count` samples from the first to the last, at even steps. */
function spread(samples: readonly Sample[], count: number): Sample[] {
  const most = Math.min(count, samples.length);
  return Array.from({ length: most }, (_, i) => samples[Math.floor((i * samples.length) / most)]!);
}

/** The sample at the size of a cell: resized, or its middle. */
function fitted({ image, labels }: Labelled, size: number, fit: Checked["fit"]): Labelled {
  if (fit === "crop") {
    const x = Math.max(0, (image.width - size) >> 1);
    const y = Math.max(0, (image.height - size) >> 1);
    return cutWindow({ image, labels }, x, y, size, size);
  }
  return { image: resizeImage(image, size, size), labels: resizeLabels(labels, size, size) };
}

/** Of eight draws the one that changes the picture most: one near no change would show nothing. */
function strongest(original: Labelled, seed: number, settings: AugmentSettings): Labelled {
  let best = original;
  let most = -1;
  for (let draw = 0; draw < 8; draw++) {
    const result = augment(original, Random.of(seed, "sheet", draw), settings);
    const change = result.image.data.reduce(
      (sum, value, i) => sum + Math.abs(value - original.image.data[i]!),
      0,
    );
    if (change <= most) continue;
    best = result;
    most = change;
  }
  return best;
}

/** Only this operation, always. */
const alone = (settings: AugmentSettings, name: string): AugmentSettings => ({
  ...settings,
  ...Object.fromEntries(augmentOperations.map((other) => [other, other === name ? 1 : 0])),
});

/** White cells up to a whole number of rows. */
function fillRow(cells: RgbImage[], columns: number): void {
  const blank = { width: 1, height: 1, data: new Uint8Array([255, 255, 255]) };
  while (cells.length % columns !== 0) cells.push(blank);
}

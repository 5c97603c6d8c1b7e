/** `sgdc data inspect`: what a data set holds, what looks wrong with it, and a sheet of its pictures. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Dataset, type Sample } from "../data/dataset.ts";
import { openImage } from "../data/images/openImage.node.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { countValues, emptyCounts, extremes } from "../data/images/valueRange.ts";
import { readSample, readSampleValues } from "../data/readSample.node.ts";
import { type SampleFacts, sampleFacts } from "../data/sampleFacts.ts";
import { writeImagePng } from "../data/formats/writePng.node.ts";
import { withLegend } from "../report/captioned.node.ts";
import { contactSheet } from "../report/contactSheet.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import type { Labelled } from "../tensor/raster.ts";
import { collectFindings, type DataFindings, type Finding, partNames } from "./dataFindings.ts";
import { openingOptions } from "../run/dataOptions.ts";
import { checkOptions, fileOption, folderOption } from "../base/options.ts";
import { refuseExisting } from "./refuseExisting.node.ts";
import { sheetCells } from "./sheetCells.node.ts";

export const dataInspectSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  ...openingOptions,
  out: fileOption("PNG file for a sheet of pictures with outlines").optional(),
  pictures: z
    .int()
    .min(1)
    .max(400)
    .default(24)
    .describe("pictures on the sheet, evenly spread; suspicious ones come on top"),
  overwrite: z.boolean().default(false).describe("replace the sheet if it is there"),
});

export type DataInspectOptions = z.input<typeof dataInspectSchema>;

export interface DataInspection extends DataFindings {
  /** The sheet that was written. */
  readonly sheet?: string;
}

/** Samples read at the same time: enough to keep a few cores busy, few enough for large pictures. */
const together = 4;

/**
 * Reads every sample once, a few at a time; bad ones are listed and passed over. Memory does not grow with
 * the pictures, only by some 100 bytes for each sample.
 *
 * @throws {ArgumentError} for unusable options, or a sheet that is in the way.
 * @throws {DataError} if the data set cannot be opened, or the sheet not written.
 */
export async function dataInspect(
  options: DataInspectOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<DataInspection> {
  const checked = checkOptions(dataInspectSchema, options, "options of data inspect");
  const { path, out, pictures, overwrite } = checked;
  if (out !== undefined && !out.toLowerCase().endsWith(".png")) {
    throw new ArgumentError(`out (--out) must be a .png file, got ${out}`);
  }
  if (out !== undefined) await refuseExisting(out, overwrite);
  const dataset = await openDataset(path, checked);
  const entries = partNames.flatMap((part) =>
    dataset[part].map((sample): Entry => ({ sample, label: `${part}/${sample.name}` })),
  );
  const found = collectFindings(dataset);
  const cells = out === undefined ? undefined : sheetCells(entries.length, pictures);
  for (let begin = 0; begin < entries.length; begin += together) {
    const chunk = entries.slice(begin, begin + together);
    const looks = await Promise.all(chunk.map((entry) => look(entry, dataset)));
    // In their order, whichever was read first.
    for (const [i, result] of looks.entries()) {
      const entry = chunk[i]!;
      if ("error" in result) {
        found.unreadable(entry.label, result.error.message);
        continue;
      }
      found.add(entry.label, result);
      await cells?.offer(begin + i, entry.label, result.labelled, result.facts.suspicions);
    }
    onProgress?.(Math.min(begin + together, entries.length), entries.length);
  }
  const inspection = found.summary();
  const drawn = cells?.cells() ?? [];
  if (out === undefined || drawn.length === 0) return inspection;
  const sheet = contactSheet(drawn, { columns: Math.min(8, drawn.length) });
  await writeImagePng(out, await withLegend(sheet, dataset.classes));
  return { ...inspection, sheet: out };
}

interface Entry {
  readonly sample: Sample;
  readonly label: string;
}

interface Look extends Finding {
  readonly labelled: Labelled;
}

/** Reads a sample; what is wrong with its files is a result, too. */
async function look(
  { sample }: Entry,
  { classes, instances }: Dataset,
): Promise<Look | { error: DataError }> {
  try {
    const { image, labels } = await readSample(sample);
    const { instances: ids, ...rest } = labels;
    const labelled = { image, labels: instances && ids ? { ...rest, instances: ids } : rest };
    return {
      labelled,
      width: image.width,
      height: image.height,
      format: await formatOf(sample),
      hash: createHash("sha1")
        .update(`${image.width} ${image.height} `)
        .update(image.data)
        .digest("base64"),
      ...(await withRange(sample, sampleFacts(labelled, classes.length))),
    };
  } catch (error) {
    if (error instanceof DataError) return { error };
    throw error;
  }
}

/** The stored values of an image of 16 bits, which the picture that was read no longer shows. */
async function withRange(
  sample: Sample,
  facts: SampleFacts,
): Promise<Pick<Finding, "facts" | "values">> {
  const opened = sample.index === undefined ? await openImage(sample.image) : undefined;
  if (opened?.kind !== "picture" || opened.header.depth !== "ushort") return { facts };
  const counts = emptyCounts(16);
  countValues(await readSampleValues(sample), counts);
  const values = extremes(counts);
  if (values[1] >= 2 ** 14) return { facts, values };
  return { facts: { ...facts, suspicions: [...facts.suspicions, "narrow"] }, values };
}

/** File format, bits and channels of an image. */
async function formatOf({ image, index }: Sample): Promise<string> {
  if (index !== undefined) return "npy, 8 bits, 3 channels";
  const opened = await openImage(image);
  switch (opened.kind) {
    case "bmp":
      return `bmp, ${opened.header.bits} bits a pixel`;
    case "dicom":
      return `dicom, ${opened.header.bitsStored} bits, ${opened.header.photometric}`;
    case "picture": {
      const { format, depth, channels } = opened.header;
      return `${format}, ${depth === "ushort" ? 16 : 8} bits, ${channels} channel${channels === 1 ? "" : "s"}`;
    }
  }
}

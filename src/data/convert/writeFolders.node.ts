/** A data set as image and label folders. */
import { join } from "node:path";
import type { Labels } from "../../tensor/raster.ts";
import type { Dataset } from "../dataset.ts";
import { atomicWriteFile, fileIn } from "../../base/files.node.ts";
import { encodePng, writeMaskPng } from "../formats/writePng.node.ts";
import {
  type DatasetWriter,
  eachSample,
  partNames,
  shortNames,
  sumOf,
  type Written,
  labelsToWrite,
  sixteenBitIds,
} from "./converter.node.ts";
import { placeImage } from "./placeImage.node.ts";

/**
 * `images/` beside `masks/` (one class), `labels/` (several), `instances/` (instances of one class), or
 * `labels/` and `instances/` (of several); below `train/`, `val/`, `test/` unless all is for training.
 * `classes.json` names classes and kind.
 */
export const writeFolders: DatasetWriter = async (dataset, out, hooks) => {
  const { classes, instances } = dataset;
  const labels = instances ? "instances" : classes.length > 1 ? "classes" : "mask";
  const json = `${JSON.stringify({ classes, labels }, null, 2)}\n`;
  await atomicWriteFile(join(out, "classes.json"), json);
  const whole = dataset.validation.length + dataset.test.length === 0;
  const written: Written[] = [];
  for (const part of partNames) {
    const folder = whole ? out : join(out, shortNames[part]);
    written.push(
      await eachSample(dataset[part], hooks, async (sample) => {
        const found = await labelsToWrite(sample, dataset, hooks);
        await writeLabels(folder, sample.name, found, dataset);
        return placeImage(sample, join(folder, "images"), sample.name, { kind: "any" });
      }),
    );
  }
  return sumOf(written);
};

async function writeLabels(
  folder: string,
  name: string,
  labels: Labels,
  { classes }: Dataset,
): Promise<void> {
  const write = async (kind: string, data: Uint8Array | Uint16Array): Promise<void> =>
    atomicWriteFile(fileIn(join(folder, kind), name, ".png"), await encodePng(labels, data, 1));
  if (labels.instances !== undefined) {
    await write("instances", sixteenBitIds(labels.instances, name));
    if (classes.length > 1) await write("labels", labels.classes);
  } else if (classes.length > 1) {
    await write("labels", labels.classes);
  } else {
    const mask = { ...labels, data: labels.classes };
    await writeMaskPng(fileIn(join(folder, "masks"), name, ".png"), mask);
  }
}

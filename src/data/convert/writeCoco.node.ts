/** A data set as COCO: images and annotation files of run lengths, which hold every pixel. */
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import type { Labels } from "../../tensor/raster.ts";
import { encodeRleString } from "../labels/cocoRle.ts";
import type { Dataset, Sample } from "../dataset.ts";
import { atomicWriteFile } from "../../base/files.node.ts";
import {
  type DatasetWriter,
  eachSample,
  partNames,
  shortNames,
  sumOf,
  type WriteHooks,
  type Written,
  labelsToWrite,
} from "./converter.node.ts";
import { labelRuns } from "./labelRuns.ts";
import { placeImage } from "./placeImage.node.ts";

/**
 * `images/train` and `annotations/instances_train.json`, likewise `val` and `test`. Instances become
 * objects (`iscrowd` 0) in the order of their ids; without instances, the region of each class becomes a
 * crowd (`iscrowd` 1).
 *
 * @throws {DataError} if an instance has no class or several, or pixels of a class belong to no instance.
 */
export const writeCoco: DatasetWriter = async (dataset, out, hooks) => {
  const written: Written[] = [];
  for (const part of partNames) {
    if (dataset[part].length === 0) continue;
    written.push(await writePart(dataset, dataset[part], out, shortNames[part], hooks));
  }
  return sumOf(written);
};

async function writePart(
  dataset: Dataset,
  samples: readonly Sample[],
  out: string,
  part: string,
  hooks: WriteHooks,
): Promise<Written> {
  // Text by the entry: a large set's annotations may be longer than one string can be.
  const images: string[] = [];
  const annotations: string[] = [];
  const written = await eachSample(samples, hooks, async (sample) => {
    const labels = await labelsToWrite(sample, dataset, hooks);
    const { width, height } = labels;
    const id = images.length + 1;
    for (const object of objectsOf(labels, sample)) {
      annotations.push(
        JSON.stringify({
          id: annotations.length + 1,
          image_id: id,
          category_id: object.class,
          iscrowd: dataset.instances ? 0 : 1,
          area: object.area,
          bbox: object.box,
          segmentation: { size: [height, width], counts: encodeRleString(object.counts) },
        }),
      );
    }
    const folder = join(out, "images", part);
    const placed = await placeImage(sample, folder, sample.name, { kind: "upright" });
    images.push(JSON.stringify({ id, file_name: placed.file, width, height }));
    return placed;
  });
  const categories = dataset.classes.map((name, i) => JSON.stringify({ id: i + 1, name }));
  const list = (name: string, entries: readonly string[]): Uint8Array[] => [
    encoder.encode(`"${name}": [\n`),
    ...entries.map((entry, i) => encoder.encode(`${entry}${i < entries.length - 1 ? "," : ""}\n`)),
    encoder.encode("]"),
  ];
  await atomicWriteFile(join(out, "annotations", `instances_${part}.json`), [
    ...joined([
      encoder.encode("{"),
      ...list("images", images),
      encoder.encode(",\n"),
      ...list("categories", categories),
      encoder.encode(",\n"),
      ...list("annotations", annotations),
      encoder.encode("}\n"),
    ]),
  ]);
  return written;
}

const encoder = new TextEncoder();

/** Parts of about a megabyte, so that writing takes few calls. */
function* joined(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for (const part of parts) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < 2 ** 20) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  yield Buffer.concat(waiting);
}

function objectsOf({ width, height, classes, instances }: Labels, { image, name }: Sample) {
  if (instances === undefined) {
    return labelRuns(classes, width, height).map((runs) => ({ ...runs, class: runs.id }));
  }
  const classOf = new Map<number, number>();
  for (let i = 0; i < instances.length; i++) {
    const id = instances[i]!;
    const value = classes[i]!;
    const place = (): string =>
      `${image}: sample ${name}, row ${Math.floor(i / width)}, column ${i % width}`;
    if ((id === 0) !== (value === 0)) {
      throw new DataError(
        `${place()}: pixels must have both a class and an instance for COCO, or neither, got class ${value} and instance ${id}; convert to folders`,
      );
    }
    if (id === 0) continue;
    const before = classOf.get(id);
    if (before === undefined) classOf.set(id, value);
    else if (before !== value) {
      throw new DataError(
        `${place()}: an instance must have one class for COCO, got ${before} and ${value} in instance ${id}; convert to folders`,
      );
    }
  }
  return labelRuns(instances, width, height).map((runs) => ({
    ...runs,
    class: classOf.get(runs.id)!,
  }));
}

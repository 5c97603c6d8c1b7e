/** A data set as nnU-Net's raw form. */
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import type { Dataset, Sample } from "../dataset.ts";
import { atomicWriteFile, fileIn } from "../../base/files.node.ts";
import { encodePng } from "../formats/writePng.node.ts";
import {
  type DatasetWriter,
  eachSample,
  sumOf,
  type WriteHooks,
  type Written,
  labelsToWrite,
} from "./converter.node.ts";
import { isGrey, placeImage } from "./placeImage.node.ts";

/**
 * `imagesTr` and `labelsTr` of training and validation part, `imagesTs` and `labelsTs` of the test part,
 * `dataset.json`, and a validation part as the one fold of `splits_final.json`. All files are PNG: of one
 * channel if all images have one, else RGB.
 *
 * @throws {DataError} if nothing is for training, a name is in two parts, or a class has a name that
 *   nnU-Net means otherwise.
 */
export const writeNnunet: DatasetWriter = async (dataset, out, hooks) => {
  const { train, validation, test, classes, root } = dataset;
  const learning = [...train, ...validation];
  if (learning.length === 0) {
    throw new DataError(`${root}: nnU-Net needs images for training, got a test part alone`);
  }
  const reserved = classes.find((name) => /^(background|ignore)$/i.test(name));
  if (reserved !== undefined) {
    throw new DataError(
      `${root}: classes for nnU-Net must not be named background or ignore, got ${reserved}`,
    );
  }
  const names = new Set<string>();
  for (const { name, image } of learning) {
    if (names.has(name)) {
      throw new DataError(
        `${image}: names must differ in training and validation part for nnU-Net, got ${name} in both`,
      );
    }
    names.add(name);
  }

  const grey = await allGrey([...learning, ...test]);
  const json = {
    channel_names: grey ? { "0": "grey" } : { "0": "R", "1": "G", "2": "B" },
    labels: Object.fromEntries([
      ["background", 0],
      ...classes.map((name, i) => [name, i + 1]),
    ]) as Readonly<Record<string, number>>,
    numTraining: learning.length,
    file_ending: ".png",
  };
  await atomicWriteFile(join(out, "dataset.json"), `${JSON.stringify(json, null, 2)}\n`);
  if (validation.length > 0) {
    const namesOf = (samples: readonly Sample[]): string[] => samples.map(({ name }) => name);
    const folds = [{ train: namesOf(train), val: namesOf(validation) }];
    await atomicWriteFile(join(out, "splits_final.json"), `${JSON.stringify(folds, null, 2)}\n`);
  }
  const channels = grey ? 1 : 3;
  return sumOf([
    await writeCases(dataset, learning, out, "Tr", channels, hooks),
    await writeCases(dataset, test, out, "Ts", channels, hooks),
  ]);
};

const writeCases = (
  dataset: Dataset,
  samples: readonly Sample[],
  out: string,
  suffix: "Tr" | "Ts",
  channels: 1 | 3,
  hooks: WriteHooks,
): Promise<Written> =>
  eachSample(samples, hooks, async (sample) => {
    const labels = await labelsToWrite(sample, dataset, hooks);
    const path = fileIn(join(out, `labels${suffix}`), sample.name, ".png");
    await atomicWriteFile(path, await encodePng(labels, labels.classes, 1));
    const folder = join(out, `images${suffix}`);
    return placeImage(sample, folder, `${sample.name}_0000`, { kind: "plainPng", channels });
  });

async function allGrey(samples: readonly Sample[]): Promise<boolean> {
  for (const sample of samples) if (!(await isGrey(sample))) return false;
  return true;
}

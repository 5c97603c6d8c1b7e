/** nnU-Net's raw data sets of 2-D images: dataset.json, imagesTr, labelsTr, imagesTs. */
import { basename, dirname, join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, extensionOf, imageExtensions, type Sample } from "../dataset.ts";
import { readText } from "../../base/files.node.ts";
import { isRecord, jsonOf, shown } from "../../base/json.ts";
import { checkClassNames, mostClasses } from "./classNames.node.ts";
import { type FolderTree, named } from "./folderTree.node.ts";
import { type LayoutReader, noParts } from "./layoutReader.node.ts";
import { otherFormat } from "./otherFormats.ts";

/** What a folder of nnU-Net holds, by name. */
const names = {
  json: /^dataset\.json$/i,
  splits: /^splits_final\.json$/i,
  trainImages: /^imagesTr$/i,
  trainLabels: /^labelsTr$/i,
  testImages: /^imagesTs$/i,
  testLabels: /^labelsTs$/i,
};

export const nnunet: LayoutReader = {
  layout: "nnunet",
  rules: ["ignoreAlpha"],
  looksFor: "dataset.json, imagesTr/CASE_0000.png and labelsTr/CASE.png (nnU-Net raw), imagesTs/",
  async open(tree, { labels }) {
    const folder = await folderOf(tree);
    if (folder === undefined) return undefined;
    const { folders, files } = await tree.list(folder);
    const path = join(folder, named(files, names.json)!);
    const { classes, ending, training } = await readDatasetJson(path);
    if (labels === "instances") {
      throw new DataError(
        `${path}: nnU-Net's labels must be read as classes, got --labels instances`,
      );
    }

    const trainLabels = named(folders, names.trainLabels);
    if (trainLabels === undefined) {
      throw new DataError(
        `${folder}: nnU-Net needs labelsTr beside imagesTr, got ${folders.join(", ")}`,
      );
    }
    const pair = (images: string, masks: string): Promise<Sample[]> =>
      pairCases(tree, join(folder, images), join(folder, masks), ending, classes.length);
    const learning = await pair(named(folders, names.trainImages)!, trainLabels);
    if (training !== undefined && training !== learning.length) {
      throw new DataError(
        `${path}: numTraining must be the number of images in imagesTr, ${learning.length}, got ${training}`,
      );
    }
    const testImages = named(folders, names.testImages);
    const testLabels = named(folders, names.testLabels);
    const test =
      testImages === undefined || testLabels === undefined
        ? []
        : await pair(testImages, testLabels);
    const splits = named(files, names.splits);
    const validating =
      splits === undefined ? undefined : await validationNames(join(folder, splits), learning);
    return {
      // Files beside dataset.json belong to the data set.
      root: folder,
      layout: "nnunet",
      classes,
      instances: false,
      ...noParts(),
      train: learning.filter(({ name }) => validating?.has(name) !== true),
      validation: learning.filter(({ name }) => validating?.has(name) === true),
      test,
    };
  },
};

/** The folder of dataset.json and imagesTr. @throws {DataError} if there are several. */
async function folderOf(tree: FolderTree): Promise<string | undefined> {
  const found: string[] = [];
  for (const folder of await tree.folders()) {
    if (!names.trainImages.test(basename(folder))) continue;
    const parent = dirname(folder);
    const { files } = await tree.list(parent);
    if (named(files, names.json) === undefined) {
      throw new DataError(`${parent}: nnU-Net needs dataset.json beside imagesTr, got none`);
    }
    found.push(parent);
  }
  if (found.length > 1) {
    throw new DataError(
      `${tree.root}: must hold one data set of nnU-Net, got ${found.length}: ${found.map((f) => basename(f)).join(", ")}; give the folder of one`,
    );
  }
  return found[0];
}

/** @throws {DataError} if classes, file ending or number of images are unusable. */
async function readDatasetJson(path: string) {
  const json = jsonOf(path, await readText(path));
  const record = isRecord(json) ? json : {};
  const { labels, file_ending: ending, numTraining } = record;
  if (!isRecord(labels)) {
    throw new DataError(
      `${path}: labels must name the classes with their numbers, as {"background": 0, "lesion": 1}, got ${shown(labels)}`,
    );
  }
  const byNumber = new Map<number, string>();
  for (const [name, value] of Object.entries(labels)) {
    if (name.toLowerCase() === "ignore") {
      throw new DataError(
        `${path}: labels must not leave pixels out, got an "ignore" label; pixels without a class cannot be trained or scored here, give them one or cut them away`,
      );
    }
    if (Array.isArray(value)) {
      throw new DataError(
        `${path}: labels must each be one number, got the region ${shown(value)} for ${shown(name)}; regions of several classes are not supported`,
      );
    }
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      const old = /^\d+$/.test(name) && typeof value === "string";
      const hint = old ? "; this is nnU-Net's first version, turn names and numbers round" : "";
      throw new DataError(
        `${path}: labels must be whole numbers by name, got ${shown(value)} for ${shown(name)}${hint}`,
      );
    }
    const other = byNumber.get(value);
    if (other !== undefined) {
      throw new DataError(
        `${path}: labels must differ, got ${value} for ${shown(other)} and ${shown(name)}`,
      );
    }
    byNumber.set(value, name);
  }
  let most = 0;
  for (const value of byNumber.keys()) if (value > most) most = value;
  // Before a list of so many is made.
  if (most > mostClasses) {
    throw new DataError(
      `${path}: labels must be numbers up to ${mostClasses}, got ${most} for ${shown(byNumber.get(most))}`,
    );
  }
  const classes = Array.from({ length: most }, (_, i) => byNumber.get(i + 1));
  const gap = classes.indexOf(undefined);
  if (!byNumber.has(0) || gap >= 0) {
    throw new DataError(
      `${path}: labels must be consecutive from background 0, got none for ${byNumber.has(0) ? gap + 1 : 0}`,
    );
  }
  const other = typeof ending === "string" ? otherFormat(`x${ending}`) : undefined;
  const hint = other === undefined ? "" : `: ${other}`;
  if (typeof ending !== "string" || !imageExtensions.includes(ending.toLowerCase())) {
    throw new DataError(
      `${path}: file_ending must be one of ${imageExtensions.join(" ")} (pictures of two dimensions), got ${shown(ending)}${hint}`,
    );
  }
  return {
    classes: checkClassNames(path, classes),
    ending: ending.toLowerCase(),
    training: typeof numTraining === "number" ? numTraining : undefined,
  };
}

/** Cases with their labels, sorted. */
async function pairCases(
  tree: FolderTree,
  imagesFolder: string,
  labelsFolder: string,
  ending: string,
  classes: number,
): Promise<Sample[]> {
  const images = (await tree.list(imagesFolder)).images.filter((f) => extensionOf(f) === ending);
  if (images.length === 0) {
    throw new DataError(`${imagesFolder}: must hold images CASE_0000${ending}, got none`);
  }
  const labelFiles = new Map(
    (await tree.list(labelsFolder)).images.map((file) => [file.toLowerCase(), file]),
  );
  const lacking: string[] = [];
  const samples: Sample[] = [];
  for (const file of images) {
    const [, name, channel] = /^(.+)_(\d{4})\.[^.]+$/.exec(file) ?? [];
    if (name === undefined) {
      throw new DataError(
        `${join(imagesFolder, file)}: name must end in a channel, as CASE_0000${ending}, got ${file}`,
      );
    }
    if (channel !== "0000") {
      throw new DataError(
        `${join(imagesFolder, file)}: each case must be one file of grey or RGB pixels, ${name}_0000${ending}, got channel ${channel!} in a file of its own; join the channels into one RGB picture`,
      );
    }
    const label = labelFiles.get(`${name}${ending}`.toLowerCase());
    if (label === undefined) {
      lacking.push(name);
      continue;
    }
    const path = join(labelsFolder, label);
    samples.push({
      name,
      image: join(imagesFolder, file),
      labels: { kind: "classMap", path, classes },
    });
  }
  const [first] = lacking;
  if (first !== undefined) {
    throw new DataError(
      `${imagesFolder}: image of case ${first} must have labels ${first}${ending} in ${labelsFolder}, got none; ${lacking.length} of ${images.length} images lack them`,
    );
  }
  return samples.sort((a, b) => byName(a.name, b.name));
}

/**
 * The validation cases of a file with one fold; undefined if it has several, which are for
 * cross-validation and no part of the data set.
 */
async function validationNames(
  path: string,
  cases: readonly Sample[],
): Promise<ReadonlySet<string> | undefined> {
  const folds = jsonOf(path, await readText(path));
  if (!Array.isArray(folds)) {
    throw new DataError(`${path}: must be a list of folds, got ${shown(folds)}`);
  }
  if (folds.length !== 1) return undefined;
  const fold: unknown = folds[0];
  const validation = isRecord(fold) ? fold.val : undefined;
  if (!Array.isArray(validation) || !validation.every((name) => typeof name === "string")) {
    throw new DataError(`${path}: a fold must list its cases under "val", got ${shown(fold)}`);
  }
  const known = new Set(cases.map(({ name }) => name));
  const unknown = validation.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new DataError(`${path}: cases must be those of imagesTr, got ${unknown}`);
  }
  return new Set(validation);
}

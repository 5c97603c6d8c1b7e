/** Image and mask folders: what most people have. */
import { join } from "node:path";
import type { Sample } from "../dataset.ts";
import { readClassesFile } from "./classNames.node.ts";
import { type FolderTree, named } from "./folderTree.node.ts";
import { type LabelledPair, labelSources } from "./labelSources.node.ts";
import { type LayoutReader, noParts, type Part, parts } from "./layoutReader.node.ts";
import { pairFiles } from "./pairFolders.node.ts";

export const imageFolder = /^(images?|imgs?|inputs?|data)$/i;
export const maskFolder =
  /^(masks?|labels?|gts?|ground[ _-]?truths?|annotations?|segmentations?|lesions?)$/i;
const instanceFolder = /^(instances?|inst(ance)?[ _-]?maps?)$/i;
const partFolder: Readonly<Record<Part, RegExp>> = {
  train: /^(train|training)$/i,
  validation: /^(val|valid|validation)$/i,
  test: /^(test|testing)$/i,
};

/** The folders of one part. */
interface Holders {
  readonly images: string;
  /** Masks or class maps; absent where there are instance maps alone. */
  readonly masks?: string;
  readonly instances?: string;
}

export const folders: LayoutReader = {
  layout: "folders",
  rules: ["binarize", "colours", "ignoreAlpha"],
  looksFor:
    "images/ and masks/ (or labels/, instances/), also under or above train/, val/, test/, with files of the same names",
  async open(tree, { labels, rules }) {
    const { root } = tree;
    const found = await holdersByPart(tree);
    if (found === undefined) return nearest(tree);

    const pairs: Partial<Record<Part, LabelledPair[]>> = {};
    for (const [part, holders] of found) pairs[part] = await pairsOf(tree, holders);
    const classesFile = await readClassesFile(root, (await tree.list(root)).files);
    const all = parts.flatMap((part) => pairs[part] ?? []);
    const inInstances = [...found.values()].every(({ masks }) => masks === undefined);
    const hints = { labels, rules, classesFile, inInstances };
    const { classes, instances, sourceOf } = await labelSources(root, all, hints);
    const result = noParts();
    for (const part of parts) {
      result[part] = (pairs[part] ?? []).map((pair): Sample => ({
        name: pair.name,
        image: pair.image,
        labels: sourceOf(pair),
      }));
    }
    return { root, layout: "folders", classes, instances, ...result };
  },
};

/** Pairs of images and masks, or class maps; of images and instance maps where there is nothing else. */
async function pairsOf(
  tree: FolderTree,
  { images, masks, instances }: Holders,
): Promise<LabelledPair[]> {
  if (masks === undefined) return pairFiles(tree, images, instances!);
  const pairs = await pairFiles(tree, images, masks);
  if (instances === undefined) return pairs;
  const maps = await pairFiles(tree, images, instances);
  return pairs.map((pair, i) => ({ ...pair, instances: maps[i]!.mask }));
}

/** `images/ masks/`, or `images/train masks/train`, or `train/images train/masks`, and so on. */
async function holdersByPart(tree: FolderTree): Promise<Map<Part, Holders> | undefined> {
  const { root } = tree;
  const top = (await tree.list(root)).folders;
  const found = new Map<Part, Holders>();
  const whole = holdersIn(root, top);
  if (whole !== undefined) {
    const inImages = await tree.list(whole.images);
    if (inImages.images.length === 0) {
      for (const part of parts) {
        const below = await partBelow(tree, whole, part);
        if (below !== undefined) found.set(part, below);
      }
    }
    // Files outside the parts' folders, beside parts that were found, would be left out in silence.
    if (found.size === 0) found.set("train", whole);
    return found;
  }
  for (const part of parts) {
    const folder = named(top, partFolder[part]);
    if (folder === undefined) continue;
    const path = join(root, folder);
    const holders = holdersIn(path, (await tree.list(path)).folders);
    if (holders !== undefined) found.set(part, holders);
  }
  return found.size === 0 ? undefined : found;
}

function holdersIn(folder: string, names: readonly string[]): Holders | undefined {
  const images = named(names, imageFolder);
  const masks = named(names, maskFolder);
  const instances = named(names, instanceFolder);
  if (images === undefined || (masks === undefined && instances === undefined)) return undefined;
  return {
    images: join(folder, images),
    ...(masks !== undefined && { masks: join(folder, masks) }),
    ...(instances !== undefined && { instances: join(folder, instances) }),
  };
}

async function partBelow(
  tree: FolderTree,
  whole: Holders,
  part: Part,
): Promise<Holders | undefined> {
  const inside = async (folder: string | undefined): Promise<string | undefined> => {
    if (folder === undefined) return undefined;
    const name = named((await tree.list(folder)).folders, partFolder[part]);
    return name === undefined ? undefined : join(folder, name);
  };
  const images = await inside(whole.images);
  const masks = await inside(whole.masks);
  const instances = await inside(whole.instances);
  if (images === undefined || (masks === undefined && instances === undefined)) return undefined;
  return {
    images,
    ...(masks !== undefined && { masks }),
    ...(instances !== undefined && { instances }),
  };
}

/** What is there of images and masks, and what to add. */
async function nearest(tree: FolderTree) {
  const names = (await tree.list(tree.root)).folders;
  if (named(names, imageFolder) !== undefined) {
    return { missing: "put the masks into masks/ beside images/" };
  }
  if (named(names, maskFolder) !== undefined) {
    return { missing: "put the images into images/ beside masks/" };
  }
  return undefined;
}

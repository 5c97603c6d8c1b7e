/** Finding the images and labels of a data set on disk, whatever of the known layouts it has. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { counted } from "../base/counted.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import type { Dataset, Preferred } from "./dataset.ts";
import { fileReason } from "../base/files.node.ts";
import type { LabelRules } from "./labels/labelRules.ts";
import { coco } from "./layouts/coco.node.ts";
import { conic } from "./layouts/conic.node.ts";
import { dsb2018 } from "./layouts/dsb2018.node.ts";
import { folders, imageFolder, maskFolder } from "./layouts/folders.node.ts";
import { type FolderTree, folderTree, listFolder } from "./layouts/folderTree.node.ts";
import { withGroups } from "./layouts/groupsFile.node.ts";
import { isic2016, isic2018 } from "./layouts/isic.node.ts";
import {
  isDataset,
  type LabelKind,
  type LayoutReader,
  type NearMiss,
} from "./layouts/layoutReader.node.ts";
import { nnunet } from "./layouts/nnunet.node.ts";
import { noImagesIn, otherFormat } from "./layouts/otherFormats.ts";
import { ph2 } from "./layouts/ph2.node.ts";

/** In the order in which they are tried: what only one layout has comes first, plain folders last. */
export const layouts: readonly LayoutReader[] = [
  nnunet,
  conic,
  isic2018,
  isic2016,
  ph2,
  dsb2018,
  coco,
  folders,
];

export interface OpenOptions {
  /** What label files of plain folders hold; default `auto`: told by a classes file, or looked up in some of them. */
  readonly labels?: LabelKind;
  /** Of images that differ in their extension alone, the one to take, as `bmp`; default: refuse both. */
  readonly prefer?: Preferred | undefined;
  /** How label files are understood that would be refused without. */
  readonly rules?: LabelRules | undefined;
}

/**
 * The data set under `root`, of the first layout that fits; names in any case, folders possibly nested.
 *
 * Groups come from the layout, or from `groups.csv` beside the data.
 *
 * @throws {DataError} if no layout fits: what is there, the nearest layout and what it lacks, and what was
 *   looked for; if one fits and something is wrong with it; if labels may be classes or instances.
 */
export async function openDataset(root: string, options: OpenOptions = {}): Promise<Dataset> {
  const { labels = "auto", prefer, rules } = options;
  const tree = folderTree(root, { prefer });
  // First, so that a folder that is not there is named as such.
  await tree.list(root);
  const misses: NearMiss[] = [];
  for (const reader of layouts) {
    const found = await reader.open(tree, { labels, rules });
    if (isDataset(found)) {
      checkRules(root, reader, rules);
      return withGroups(found, (await tree.list(found.root)).files);
    }
    if (found !== undefined) misses.push(found);
  }
  throw new DataError(await nothingFits(tree, misses));
}

/** @throws {ArgumentError} if a rule says nothing about labels of this layout. */
function checkRules(root: string, reader: LayoutReader, rules: LabelRules = {}): void {
  const flags = { binarize: "--binarize", colours: "--colour", ignoreAlpha: "--ignore-alpha" };
  for (const rule of ["binarize", "colours", "ignoreAlpha"] as const) {
    if (!rules[rule] || reader.rules.includes(rule)) continue;
    const fitting = layouts.filter((each) => each.rules.includes(rule)).map((each) => each.layout);
    throw new ArgumentError(
      `${root}: data set must be one of ${fitting.join(", ")} for ${flags[rule]}, got ${reader.layout}`,
    );
  }
}

/** What is there, what comes nearest, and a line for each layout. */
async function nothingFits(tree: FolderTree, misses: readonly NearMiss[]): Promise<string> {
  const { root } = tree;
  const listing = await tree.list(root);
  const some = (names: readonly string[]): string =>
    `${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}`;
  const others = listing.files.filter((file) => !listing.images.includes(file));
  const found = [
    ...(listing.folders.length ? [`folders ${some(listing.folders)}`] : []),
    ...(listing.images.length
      ? [`${counted(listing.images.length, "image file")} such as ${listing.images[0]!}`]
      : []),
    ...(others.length ? [`${counted(others.length, "other file")} such as ${others[0]!}`] : []),
  ];
  const foreign = others.map(otherFormat).find((each) => each !== undefined);
  const siblings = imageFolder.test(basename(root)) || maskFolder.test(basename(root));
  const hint =
    misses[0]?.missing ??
    (foreign && `${others.find((file) => otherFormat(file) === foreign)!} is ${foreign}`) ??
    (siblings
      ? `give the folder above it, ${dirname(root)}`
      : "put the images into images/ and their masks, of the same names, into masks/");
  const lines = layouts.map(({ layout, looksFor }) => `  ${layout.padEnd(8)}  ${looksFor}`);
  return [
    `${root}: must hold a data set of a known layout, got ${found.join(" and ") || "an empty folder"}; ${hint}`,
    "looked for:",
    ...lines,
  ].join("\n");
}

/**
 * The image files that a path means, sorted: the file itself, or the images directly in a folder.
 *
 * @throws {DataError} if the path is not there or the folder holds no image.
 */
export async function listImages(path: string): Promise<string[]> {
  const info = await stat(path).catch((error: unknown) => {
    throw new DataError(
      `${path}: must be an image or a folder of images, got ${fileReason(error)}`,
      {
        cause: error,
      },
    );
  });
  if (!info.isDirectory()) {
    const other = otherFormat(path);
    if (other !== undefined) throw new DataError(`${path}: must be an image, got ${other}`);
    return [path];
  }
  const { images, files } = await listFolder(path);
  if (images.length === 0) throw new DataError(noImagesIn(path, files));
  return images.map((file) => join(path, file));
}

/** The official folders of ISIC 2016 and ISIC 2018, task 1: lesion segmentation. */
import { basename } from "node:path";
import { DataError } from "../../base/errors.ts";
import type { Layout, Sample } from "../dataset.ts";
import { type FolderTree, holderOfImages } from "./folderTree.node.ts";
import { binary, countOf, type LayoutReader, noParts, type Part } from "./layoutReader.node.ts";
import { pairFolders } from "./pairFolders.node.ts";

interface Year {
  readonly layout: Layout;
  readonly title: string;
  readonly looksFor: string;
  /** Groups: part, and kind: images or masks. A suffix may follow, as copies and mirrors have it. */
  readonly folder: RegExp;
  readonly images: RegExp;
  /** Official folder names of a part, for messages. */
  readonly names: (part: string) => readonly [string, string];
}

const partOf: Readonly<Record<string, Part>> = {
  training: "train",
  validation: "validation",
  test: "test",
};
const titleOf: Readonly<Record<Part, string>> = {
  train: "Training",
  validation: "Validation",
  test: "Test",
};

/** A layout of one folder of images and one of masks for every part. */
function isicReader({ layout, title, looksFor, folder, images, names }: Year): LayoutReader {
  return {
    layout,
    rules: ["binarize", "ignoreAlpha"],
    looksFor,
    async open(tree) {
      const fitting = (await tree.folders()).filter((path) => folder.test(basename(path)));
      if (fitting.length === 0) return undefined;
      const found = await holders(tree, fitting);

      const pair = async (part: Part): Promise<Sample[]> => {
        const imagesFolder = found.get(`${part} images`);
        const masksFolder = found.get(`${part} masks`);
        if (imagesFolder === undefined && masksFolder === undefined) return [];
        if (imagesFolder === undefined || masksFolder === undefined) {
          const [first, second] = names(titleOf[part]);
          throw new DataError(
            `${tree.root}: ${title} needs ${first} and ${second}, got only ${String(imagesFolder ?? masksFolder)}`,
          );
        }
        return pairFolders(tree, imagesFolder, masksFolder);
      };
      const result = noParts();
      for (const part of Object.values(partOf)) result[part] = await pair(part);
      if (countOf(result) === 0) {
        throw new DataError(
          `${tree.root}: ${title} folders must hold images, got none in ${fitting[0]!}`,
        );
      }
      return { root: tree.root, layout, ...binary, ...result };
    },
  };

  /** For each part and kind the first folder with images: mirrors nest a folder in one of its own name. */
  async function holders(tree: FolderTree, fitting: readonly string[]) {
    const found = new Map<string, string>();
    for (const path of fitting) {
      const [, part = "", kind = ""] = folder.exec(basename(path).toLowerCase()) ?? [];
      const key = `${partOf[part] ?? part} ${images.test(kind) ? "images" : "masks"}`;
      if (found.has(key)) continue;
      const holder = await holderOfImages(tree, path);
      if (holder !== undefined) found.set(key, holder);
    }
    return found;
  }
}

export const isic2016 = isicReader({
  layout: "isic2016",
  title: "ISIC 2016",
  looksFor: "ISBI2016_ISIC_Part1_{Training,Test}_Data and ..._GroundTruth",
  folder: /^isbi2016_isic_part1_(training|test)_(data|groundtruth)/i,
  images: /^data$/i,
  names: (part) => [`ISBI2016_ISIC_Part1_${part}_Data`, `..._${part}_GroundTruth`],
});

export const isic2018 = isicReader({
  layout: "isic2018",
  title: "ISIC 2018",
  looksFor:
    "ISIC2018_Task1-2_{Training,Validation,Test}_Input and ISIC2018_Task1_{...}_GroundTruth",
  folder: /^isic[ _-]?2018_task1(?:-2)?_(training|validation|test)_(input|groundtruth)/i,
  images: /^input$/i,
  names: (part) => [`ISIC2018_Task1-2_${part}_Input`, `ISIC2018_Task1_${part}_GroundTruth`],
});

/** PH2: a folder for each dermoscopic image, with the image and its lesion in folders of their own. */
import { basename, join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, type Sample } from "../dataset.ts";
import { holderOfImages, type FolderTree, named } from "./folderTree.node.ts";
import { binary, type LayoutReader, noParts } from "./layoutReader.node.ts";

const caseFolder = /^imd\d+$/i;
const imageFolder = /^imd\d+[ _-]+dermoscopic[ _-]*image$/i;
const lesionFolder = /^imd\d+[ _-]+lesion$/i;

export const ph2: LayoutReader = {
  layout: "ph2",
  rules: ["binarize", "ignoreAlpha"],
  looksFor: "IMD002/IMD002_Dermoscopic_Image/IMD002.bmp and IMD002/IMD002_lesion/IMD002_lesion.bmp",
  async open(tree) {
    const all = await tree.folders();
    const inside = await Promise.all(
      all
        .filter((path) => caseFolder.test(basename(path)))
        .map(async (path) => ({ path, folders: (await tree.list(path)).folders })),
    );
    const cases = inside.filter(({ folders }) =>
      folders.some((name) => imageFolder.test(name) || lesionFolder.test(name)),
    );
    if (cases.length === 0) return undefined;

    const samples = new Map<string, Sample>();
    for (const { path, folders } of cases) {
      const name = basename(path).toUpperCase();
      const other = samples.get(name);
      if (other !== undefined) {
        throw new DataError(
          `${path}: case must be there once, got ${other.image} too; remove one, or give the folder of one of them`,
        );
      }
      const image = await onlyImage(tree, path, named(folders, imageFolder), "Dermoscopic_Image");
      const mask = await onlyImage(tree, path, named(folders, lesionFolder), "lesion");
      samples.set(name, { name, image, labels: { kind: "mask", path: mask } });
    }
    const train = [...samples.values()].sort((a, b) => byName(a.name, b.name));
    return { root: tree.root, layout: "ph2", ...binary, ...noParts(), train };
  },
};

/** The one image file in a folder of a case. */
async function onlyImage(
  tree: FolderTree,
  path: string,
  folder: string | undefined,
  kind: string,
): Promise<string> {
  const wanted = `${basename(path)}_${kind}`;
  if (folder === undefined) {
    const { folders } = await tree.list(path);
    throw new DataError(`${path}: must hold a folder ${wanted}, got ${folders.join(", ")}`);
  }
  const holder = await holderOfImages(tree, join(path, folder), 1);
  const images = holder === undefined ? [] : (await tree.list(holder)).images;
  if (holder === undefined || images.length !== 1) {
    throw new DataError(
      `${join(path, folder)}: must hold one image, got ${images.length === 0 ? "none" : `${images.join(", ")}; remove one, or take one format with --prefer bmp`}`,
    );
  }
  return join(holder, images[0]!);
}

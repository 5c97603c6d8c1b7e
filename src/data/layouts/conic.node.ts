/** CoNIC: nuclei of six kinds in arrays of all patches. */
import { join } from "node:path";
import { csvRows } from "../formats/csvRows.ts";
import { DataError } from "../../base/errors.ts";
import { readText } from "../../base/files.node.ts";
import { checkName } from "../../base/names.ts";
import { byName, type Sample } from "../dataset.ts";
import { openNpy } from "../formats/readNpy.node.ts";
import { type FolderTree, named } from "./folderTree.node.ts";
import { type LayoutReader, noParts } from "./layoutReader.node.ts";

/** Classes 1 to 6. */
export const conicClasses: readonly string[] = [
  "neutrophil",
  "epithelial",
  "lymphocyte",
  "plasma",
  "eosinophil",
  "connective",
];

export const conic: LayoutReader = {
  layout: "conic",
  rules: [],
  looksFor: "images.npy, labels.npy and patch_info.csv",
  async open(tree) {
    const folder = await folderOf(tree);
    if (folder === undefined) return undefined;
    const { files } = await tree.list(folder);
    const images = join(folder, named(files, /^images\.npy$/i)!);
    const labelsName = named(files, /^labels\.npy$/i);
    const infoName = named(files, /^patch_info\.csv$/i);
    if (labelsName === undefined || infoName === undefined) {
      const lacking = labelsName === undefined ? "labels.npy" : "patch_info.csv";
      const why = labelsName === undefined ? "" : ", which says which slide each patch comes from";
      throw new DataError(
        `${folder}: CoNIC needs ${lacking} beside images.npy${why}, got ${files.join(", ")}`,
      );
    }
    const labels = join(folder, labelsName);
    const count = await checkArrays(images, labels);

    const names = await patchNames(join(folder, infoName), count);
    const train = names.map((name, index): Sample => {
      const group = name.replace(/-[^-]*$/, "");
      return { name, image: images, index, labels: { kind: "conic", path: labels, index }, group };
    });
    train.sort((a, b) => byName(a.name, b.name));
    return {
      root: tree.root,
      layout: "conic",
      classes: conicClasses,
      instances: true,
      ...noParts(),
      train,
    };
  },
};

async function folderOf(tree: FolderTree): Promise<string | undefined> {
  for (const folder of await tree.folders()) {
    const { files } = await tree.list(folder).catch(() => ({ files: [] }));
    if (named(files, /^images\.npy$/i) !== undefined) return folder;
  }
  return undefined;
}

/** Compares the headers of both arrays. @returns the number of patches */
async function checkArrays(images: string, labels: string): Promise<number> {
  const [a, b] = [await openNpy(images), await openNpy(labels)];
  const must = (fits: boolean, path: string, shape: readonly number[], want: string): void => {
    if (fits) return;
    throw new DataError(`${path}: array must have shape ${want}, got (${shape.join(", ")})`);
  };
  must(a.shape.length === 4 && a.shape[3] === 3, images, a.shape, "(count, height, width, 3)");
  const [count, height, width] = a.shape;
  const fits = b.shape.length === 4 && b.shape[3] === 2;
  const same = b.shape[0] === count && b.shape[1] === height && b.shape[2] === width;
  must(fits && same, labels, b.shape, `(${count}, ${height}, ${width}, 2) to go with images.npy`);
  return count!;
}

/** The names of all patches, in the order of the arrays. */
async function patchNames(path: string, count: number): Promise<string[]> {
  const [header, ...rows] = csvRows(await readText(path));
  const column = Math.max(0, header?.cells.indexOf("patch_info") ?? 0);
  const names = rows.map(({ cells }) => cells[column]);
  if (names.length !== count) {
    throw new DataError(
      `${path}: must have a line for each of the ${count} patches of images.npy below its header, got ${names.length}`,
    );
  }
  const seen = new Map<string, number>();
  return names.map((name, i) => {
    if (name === undefined || name === "") {
      throw new DataError(`${path}: patch ${i} must have a name, got none`);
    }
    checkName(name, `${path}: patch ${i}`);
    const first = seen.get(name);
    if (first !== undefined) {
      throw new DataError(
        `${path}: names of patches must be unique, got ${name} for patches ${first} and ${i}`,
      );
    }
    seen.set(name, i);
    return name;
  });
}

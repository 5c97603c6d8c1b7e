/** COCO: images, and annotation files of polygons and runs. */
import { basename, dirname, join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, type Sample, stemOf } from "../dataset.ts";
import { type CocoFile, type CocoImage, readCocoFile } from "./cocoFile.node.ts";
import { type FolderTree } from "./folderTree.node.ts";
import { type LayoutReader, noParts, type Part } from "./layoutReader.node.ts";
import { filesByKey } from "./pairFolders.node.ts";

export const coco: LayoutReader = {
  layout: "coco",
  rules: [],
  looksFor:
    "an annotation file (.json) with images and annotations, beside the images or in annotations/",
  async open(tree, { labels }) {
    const files = await annotationFiles(tree);
    if (files.length === 0) return undefined;
    if (labels === "mask") {
      throw new DataError(
        `${files[0]!.path}: COCO's annotations must be read as classes or instances, got --labels mask`,
      );
    }
    const { classes } = files[0]!;
    const result = noParts();
    const origin = new Map<Part, string>();
    for (const file of files) {
      if (file.classes.join("\n") !== classes.join("\n")) {
        throw new DataError(
          `${file.path}: categories must be those of ${files[0]!.path}, got others or another order`,
        );
      }
      const part = partOf(file.path);
      const other = origin.get(part);
      if (other !== undefined) {
        throw new DataError(
          `${file.path}: ${part} part must have one annotation file, got ${other} too; keep one, or name them after their parts (train, val, test)`,
        );
      }
      origin.set(part, file.path);
      result[part] = await samplesOf(tree, file);
    }
    const objects = files.reduce((sum, file) => sum + file.objects, 0);
    const crowds = files.reduce((sum, file) => sum + file.crowds, 0);
    // Crowds are regions of a class: a set of nothing else has no instances.
    const instances = labels === "classes" ? false : labels === "instances" || crowds < objects;
    return { root: tree.root, layout: "coco", classes, instances, ...result };
  },
};

/** Where annotation files lie: in the root, in annotations/, or in the folders of the parts. */
async function annotationFiles(tree: FolderTree): Promise<CocoFile[]> {
  const paths: string[] = [];
  for (const folder of await tree.folders()) {
    const { files } = await tree.list(folder).catch(() => ({ files: [] }));
    for (const file of files) {
      if (/\.json$/i.test(file) && !/^(classes|split|dataset)\.json$/i.test(file)) {
        paths.push(join(folder, file));
      }
    }
  }
  // Official sets carry captions and key points of the same images beside the instances.
  const named = paths.filter((path) => /^instances[_-]/i.test(basename(path)));
  const read: CocoFile[] = [];
  for (const path of named.length > 0 ? named : paths.slice(0, 20)) {
    const file = await readCocoFile(path).catch((error: unknown) => {
      // A file of some other purpose may be no JSON, or huge; one in its place says what is wrong with it.
      const other = / must be JSON, | must have at most /;
      if (error instanceof DataError && other.test(error.message) && !inPlace(path)) {
        return undefined;
      }
      throw error;
    });
    if (file !== undefined) read.push(file);
  }
  return read;
}

const inPlace = (path: string): boolean =>
  /^(instances[_-]|_?annotations)/i.test(basename(path)) ||
  /^annotations?$/i.test(basename(dirname(path)));

/** By the file's name, else by its folder's. */
function partOf(path: string): Part {
  for (const name of [stemOf(basename(path)), basename(dirname(path))]) {
    if (/(^|[_-])val(id(ation)?)?(\d{4})?$/i.test(name)) return "validation";
    if (/(^|[_-])test(ing)?(\d{4})?$/i.test(name)) return "test";
    if (/(^|[_-])train(ing)?(\d{4})?$/i.test(name)) return "train";
  }
  return "train";
}

async function samplesOf(tree: FolderTree, { path, images }: CocoFile): Promise<Sample[]> {
  const find = await imageFinder(tree, path);
  const lacking: CocoImage[] = [];
  const samples: Sample[] = [];
  for (const image of images) {
    const found = await find(image.file);
    if (found === undefined) {
      lacking.push(image);
      continue;
    }
    const { id, width, height, objects } = image;
    samples.push({
      name: stemOf(basename(found)),
      image: found,
      labels: { kind: "coco", path, imageId: id, width, height, objects },
    });
  }
  const [first] = lacking;
  if (first !== undefined) {
    throw new DataError(
      `${path}: image ${first.id} must have its file ${first.file} in images/, in a folder of the part's name, or beside the annotations, got none; ${lacking.length} of ${images.length} images lack theirs`,
    );
  }
  filesByKey(
    dirname(path),
    samples.map(({ image }) => basename(image)),
    (file) => stemOf(file).toLowerCase(),
  );
  return samples.sort((a, b) => byName(a.name, b.name));
}

/** Looks a file name up in the places where images lie, without regard to case. */
async function imageFinder(tree: FolderTree, path: string) {
  const part = stemOf(basename(path)).replace(/^(instances|annotations)[_-]/i, "");
  const here = dirname(path);
  const above = dirname(here);
  const bases = [here, tree.root, ...(here === tree.root ? [] : [above])];
  const wanted = [
    here,
    ...bases.flatMap((base) => [
      join(base, part),
      join(base, "images", part),
      join(base, "images"),
      join(base, "data"),
      base,
    ]),
  ];
  const known = new Map((await tree.folders()).map((folder) => [folder.toLowerCase(), folder]));
  const folders = [...new Set(wanted.map((f) => known.get(f.toLowerCase())))].filter(
    (folder) => folder !== undefined,
  );
  const filesIn = new Map<string, Map<string, string>>();
  const lookUp = async (folder: string): Promise<Map<string, string>> => {
    const before = filesIn.get(folder);
    if (before !== undefined) return before;
    const { images } = await tree.list(folder);
    const files = new Map(images.map((file) => [file.toLowerCase(), join(folder, file)]));
    filesIn.set(folder, files);
    return files;
  };
  return async (file: string): Promise<string | undefined> => {
    const name = file.replaceAll("\\", "/");
    const inner = dirname(name);
    for (const base of folders) {
      const folder = inner === "." ? base : known.get(join(base, inner).toLowerCase());
      if (folder === undefined) continue;
      const found = (await lookUp(folder)).get(basename(name).toLowerCase());
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Finding the images and masks of a data set on disk, whatever of the known layouts it has. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "../tensor/errors.ts";
import { byName, type Dataset, extensionOf, imageExtensions, imageKey } from "./dataset.ts";
import { maskKey, type Sample, stemOf } from "./dataset.ts";
import { fileReason } from "./files.node.ts";

const imageFolder = /^(images?|imgs?|inputs?|data)$/i;
const maskFolder =
  /^(masks?|labels?|gts?|ground[ _-]?truths?|annotations?|segmentations?|lesions?)$/i;
const partFolder = {
  train: /^(train|training)$/i,
  validation: /^(val|valid|validation)$/i,
  test: /^(test|testing)$/i,
} as const;
const isicFolder = /^isbi2016_isic_part1_(training|test)_(data|groundtruth)/i;

/** One class against the background. */
const lesions = { classes: ["foreground"], instances: false };

type Part = keyof typeof partFolder;
const parts: readonly Part[] = ["train", "validation", "test"];

interface Listing {
  readonly folders: string[];
  /** Image files; hidden files and other kinds are left out. */
  readonly images: string[];
}

async function list(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new DataError(`${folder}: must be a readable folder, got ${fileReason(error)}`, {
      cause: error,
    });
  });
  const folders: string[] = [];
  const images: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const isLink = entry.isSymbolicLink();
    const target = isLink ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (target?.isDirectory()) folders.push(entry.name);
    else if (target?.isFile() && imageExtensions.includes(extensionOf(entry.name))) {
      images.push(entry.name);
    }
  }
  return { folders: folders.sort(byName), images: images.sort(byName) };
}

/** Files by key; two files with one key are an error. */
function byKey(folder: string, files: readonly string[], key: (file: string) => string) {
  const found = new Map<string, string>();
  for (const file of files) {
    const other = found.get(key(file));
    if (other !== undefined) {
      throw new DataError(
        `${join(folder, file)}: file names without extension must be unique, got ${other} beside it; remove or rename one`,
      );
    }
    found.set(key(file), file);
  }
  return found;
}

/**
 * Pairs the images of one folder with the masks of another by their stems, case-insensitively; masks
 * may carry a suffix. Masks without an image are left aside.
 *
 * @throws {DataError} if a folder holds no image, two files share a stem, or a mask is missing.
 */
export async function pairFolders(imagesFolder: string, masksFolder: string): Promise<Sample[]> {
  const images = (await list(imagesFolder)).images;
  if (images.length === 0) {
    throw new DataError(
      `${imagesFolder}: folder must hold images (${imageExtensions.join(" ")}), got none`,
    );
  }
  const masks = (await list(masksFolder)).images;
  byKey(imagesFolder, images, imageKey);
  const exact = byKey(masksFolder, masks, (file) => stemOf(file).toLowerCase());
  const suffixed = byKey(
    masksFolder,
    masks.filter((file) => maskKey(file) !== stemOf(file).toLowerCase()),
    maskKey,
  );

  const samples: Sample[] = [];
  const lacking: string[] = [];
  for (const file of images) {
    const keys = new Set([stemOf(file).toLowerCase(), imageKey(file)]);
    const found = [...keys].flatMap((key) => [exact.get(key), suffixed.get(key)]);
    const [mask, other] = new Set(found.filter((name) => name !== undefined));
    if (mask === undefined) {
      lacking.push(file);
      continue;
    }
    if (other !== undefined) {
      throw new DataError(
        `${join(imagesFolder, file)}: image must have one mask, got ${mask} and ${other} in ${masksFolder}; remove or rename one`,
      );
    }
    samples.push({
      name: stemOf(file),
      image: join(imagesFolder, file),
      labels: { kind: "mask", path: join(masksFolder, mask) },
    });
  }
  const first = lacking[0];
  if (first !== undefined) {
    throw new DataError(
      `${join(imagesFolder, first)}: image must have a mask named ${stemOf(first)}.png (or with _segmentation, _mask, _lesion, ...) in ${masksFolder}, got none; ${lacking.length} of ${images.length} images lack one`,
    );
  }
  return samples.sort((a, b) => byName(a.name, b.name));
}

/** All folders below `root`, at most `depth` levels down, as paths. */
async function walk(root: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const { folders } = await list(root);
  const found: string[] = [];
  for (const name of folders) {
    const path = join(root, name);
    found.push(path, ...(await walk(path, depth - 1)));
  }
  return found;
}

async function openIsic2016(root: string): Promise<Dataset | undefined> {
  const candidates = [root, ...(await walk(root, 3))].filter((f) => isicFolder.test(basename(f)));
  if (candidates.length === 0) return undefined;
  const found = new Map<string, string>();
  for (const folder of candidates) {
    const [, part = "", kind = ""] = isicFolder.exec(basename(folder).toLowerCase()) ?? [];
    const holder = await firstWithImages(folder);
    // Mirrors nest a folder in one of its own name: both lead to the same files.
    if (holder !== undefined && !found.has(`${part} ${kind}`)) found.set(`${part} ${kind}`, holder);
  }
  const pair = async (part: "training" | "test"): Promise<Sample[]> => {
    const images = found.get(`${part} data`);
    const masks = found.get(`${part} groundtruth`);
    if (images === undefined && masks === undefined) return [];
    if (images === undefined || masks === undefined) {
      const title = part === "training" ? "Training" : "Test";
      throw new DataError(
        `${root}: ISIC 2016 needs ISBI2016_ISIC_Part1_${title}_Data and ..._${title}_GroundTruth, got only ${String(images ?? masks)}`,
      );
    }
    return pairFolders(images, masks);
  };
  const train = await pair("training");
  const test = await pair("test");
  if (train.length + test.length === 0) {
    throw new DataError(
      `${root}: ISIC 2016 folders must hold images, got none in ${candidates[0]!}`,
    );
  }
  return { root, layout: "isic2016", ...lesions, train, validation: [], test };
}

async function firstWithImages(folder: string): Promise<string | undefined> {
  for (const candidate of [folder, ...(await walk(folder, 2))]) {
    if ((await list(candidate)).images.length > 0) return candidate;
  }
  return undefined;
}

async function openFolders(root: string): Promise<Dataset | undefined> {
  const { folders } = await list(root);
  const named = (names: readonly string[], pattern: RegExp) => names.find((f) => pattern.test(f));
  const result = { train: [] as Sample[], validation: [] as Sample[], test: [] as Sample[] };
  const images = named(folders, imageFolder);
  const masks = named(folders, maskFolder);

  if (images !== undefined && masks !== undefined) {
    // images/ masks/, or images/train masks/train and so on.
    const inImages = await list(join(root, images));
    const inMasks = await list(join(root, masks));
    if (inImages.images.length === 0) {
      for (const part of parts) {
        const a = named(inImages.folders, partFolder[part]);
        const b = named(inMasks.folders, partFolder[part]);
        if (a !== undefined && b !== undefined) {
          result[part] = await pairFolders(join(root, images, a), join(root, masks, b));
        }
      }
    }
    if (result.train.length + result.validation.length + result.test.length === 0) {
      result.train = await pairFolders(join(root, images), join(root, masks));
    }
    return { root, layout: "folders", ...lesions, ...result };
  }

  // train/images train/masks and so on.
  let any = false;
  for (const part of parts) {
    const folder = named(folders, partFolder[part]);
    if (folder === undefined) continue;
    const inside = (await list(join(root, folder))).folders;
    const a = named(inside, imageFolder);
    const b = named(inside, maskFolder);
    if (a === undefined || b === undefined) continue;
    result[part] = await pairFolders(join(root, folder, a), join(root, folder, b));
    any = true;
  }
  return any ? { root, layout: "folders", ...lesions, ...result } : undefined;
}

/**
 * The data set under `root`: image and mask folders (`images/` + `masks/`, also inside or above
 * `train/`, `val/`, `test/`) or ISIC 2016's official folders, case-insensitive and possibly nested.
 *
 * @throws {DataError} if no layout fits (what was looked for, what was found), and as `pairFolders`.
 */
export async function openDataset(root: string): Promise<Dataset> {
  const { folders, images } = await list(root);
  const dataset = (await openFolders(root)) ?? (await openIsic2016(root));
  if (dataset !== undefined) return dataset;

  const found =
    folders.length + images.length === 0
      ? "an empty folder"
      : [
          ...(folders.length ? [`folders ${folders.slice(0, 8).join(", ")}`] : []),
          ...(images.length ? [`${images.length} image files such as ${images[0]!}`] : []),
        ].join(" and ");
  const hasImages = folders.some((f) => imageFolder.test(f));
  const hasMasks = folders.some((f) => maskFolder.test(f));
  const siblings = imageFolder.test(basename(root)) || maskFolder.test(basename(root));
  const hint = hasImages
    ? "put the masks into masks/ beside images/"
    : hasMasks
      ? "put the images into images/ beside masks/"
      : siblings
        ? `give the folder above it, ${dirname(root)}`
        : "put the images into images/ and their masks, of the same names, into masks/";
  throw new DataError(
    `${root}: must hold images/ and masks/ (also under train/, val/, test/) or ISBI2016_ISIC_Part1_Training_Data and ..._GroundTruth, got ${found}; ${hint}`,
  );
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
  if (!info.isDirectory()) return [path];
  const { images } = await list(path);
  if (images.length === 0) {
    throw new DataError(
      `${path}: folder must hold images (${imageExtensions.join(" ")}), got none`,
    );
  }
  return images.map((file) => join(path, file));
}

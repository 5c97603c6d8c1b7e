/** Pairing the images of one folder with the masks of another by their names. */
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, extensionOf, imageKey, maskKey, stemOf } from "../dataset.ts";
import type { Sample } from "../dataset.ts";
import type { FolderTree } from "./folderTree.node.ts";
import { noImagesIn } from "./otherFormats.ts";

/** A pair of files. */
export interface Pair {
  readonly name: string;
  readonly image: string;
  readonly mask: string;
}

/** Files by key. @throws {DataError} if two have one key. */
export function filesByKey(
  folder: string,
  files: readonly string[],
  key: (file: string) => string,
) {
  const found = new Map<string, string>();
  for (const file of files) {
    const other = found.get(key(file));
    if (other !== undefined) {
      throw new DataError(
        `${join(folder, file)}: file names without extension must be unique, got ${other} beside it; ${wayOut(file, other)}`,
      );
    }
    found.set(key(file), file);
  }
  return found;
}

/** What to do about two files of one name. */
function wayOut(file: string, other: string): string {
  const [a, b] = [extensionOf(file).slice(1), extensionOf(other).slice(1)];
  if (a === b) return "remove or rename one";
  return `remove or rename one, or read such pairs with --prefer ${b} or --prefer ${a}`;
}

/**
 * Pairs of files by their stems, case-insensitively; masks may carry a suffix. Masks without an image
 * are left aside. Sorted by name.
 *
 * @throws {DataError} if a folder holds no image, two files share a stem, or a mask is missing.
 */
export async function pairFiles(
  tree: FolderTree,
  imagesFolder: string,
  masksFolder: string,
): Promise<Pair[]> {
  const { images, files } = await tree.list(imagesFolder);
  if (images.length === 0) throw new DataError(noImagesIn(imagesFolder, files));
  const { images: masks, files: maskFiles } = await tree.list(masksFolder);
  if (masks.length === 0) throw new DataError(noImagesIn(masksFolder, maskFiles));
  filesByKey(imagesFolder, images, imageKey);
  const exact = filesByKey(masksFolder, masks, (file) => stemOf(file).toLowerCase());
  const suffixed = filesByKey(
    masksFolder,
    masks.filter((file) => maskKey(file) !== stemOf(file).toLowerCase()),
    maskKey,
  );

  const pairs: Pair[] = [];
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
    pairs.push({
      name: stemOf(file),
      image: join(imagesFolder, file),
      mask: join(masksFolder, mask),
    });
  }
  const first = lacking[0];
  if (first !== undefined) {
    throw new DataError(
      `${join(imagesFolder, first)}: image must have a mask named ${stemOf(first)}.png (or with _segmentation, _mask, _lesion, ...) in ${masksFolder}, got none; ${lacking.length} of ${images.length} images lack one`,
    );
  }
  return pairs.sort((a, b) => byName(a.name, b.name));
}

/** A pair as a sample with a binary mask. */
export const maskSample = ({ name, image, mask }: Pair): Sample => ({
  name,
  image,
  labels: { kind: "mask", path: mask },
});

/**
 * The pairs as samples with binary masks.
 *
 * @throws {DataError} as `pairFiles`.
 */
export async function pairFolders(
  tree: FolderTree,
  imagesFolder: string,
  masksFolder: string,
): Promise<Sample[]> {
  return (await pairFiles(tree, imagesFolder, masksFolder)).map(maskSample);
}

/** The folders under a root, listed once, sorted, and no further down than a data set can be. */
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, extensionOf, imageExtensions, stemOf } from "../dataset.ts";
import { fileReason } from "../../base/files.node.ts";

/** What lies directly in a folder, by name; hidden files (also macOS's `._` files) are left out. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Those files that are images by their extension. */
  readonly images: readonly string[];
}

/** Lists folders, remembering what was listed. Links are followed, but not in circles. */
export interface FolderTree {
  readonly root: string;
  /** @throws {DataError} if the folder cannot be read. */
  list(folder: string): Promise<Listing>;
  /** `root` and the folders below it, level by level, each level sorted. */
  folders(): Promise<readonly string[]>;
}

/** Levels below the root that are looked through, and the most folders. */
const deepest = 4;
const mostFolders = 20_000;

export interface TreeOptions {
  /** Of images that differ in their extension alone, the one to take: an extension without its dot. */
  readonly prefer?: string | undefined;
}

/** A folder on the way down, with the true paths of itself and of those above it. */
interface Walked {
  readonly path: string;
  readonly chain: readonly string[];
}

export function folderTree(root: string, { prefer }: TreeOptions = {}): FolderTree {
  // Links give one folder many paths: it is listed once, by its true one.
  const truePaths = new Map<string, Promise<string>>();
  const trueOf = (path: string): Promise<string> =>
    remembered(truePaths, path, () => realpath(path).catch(() => path));
  const listed = new Map<string, Promise<Listing>>();
  const list = async (folder: string): Promise<Listing> =>
    remembered(listed, await trueOf(folder), async () =>
      preferring(await listFolder(folder), prefer),
    );
  let all: Promise<string[]> | undefined;
  const walk = async (): Promise<string[]> => {
    const found = [root];
    let level: Walked[] = [{ path: root, chain: [await trueOf(root)] }];
    for (let depth = 0; depth < deepest && found.length < mostFolders; depth++) {
      const next: Walked[] = [];
      for (const { path: folder, chain } of level) {
        if (found.length + next.length >= mostFolders) break;
        // What cannot be read below the root is no part of the data set, or is missed by name later.
        const { folders } = await (folder === root
          ? list(folder)
          : list(folder).catch(() => ({ folders: [] })));
        for (const name of folders) {
          const path = join(folder, name);
          const real = await trueOf(path);
          // A link to a folder that it lies in leads down without end.
          if (!chain.includes(real)) next.push({ path, chain: [...chain, real] });
        }
      }
      found.push(...next.map(({ path }) => path));
      level = next;
    }
    return found.slice(0, mostFolders);
  };
  return { root, list, folders: () => (all ??= walk()) };
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

/** Of images of one stem only the preferred one, where it is there. */
function preferring(listing: Listing, prefer: string | undefined): Listing {
  if (prefer === undefined) return listing;
  const wanted = formatOf(`.${prefer}`);
  const isWanted = (file: string): boolean => formatOf(extensionOf(file)) === wanted;
  const there = new Set(listing.images.filter(isWanted).map((file) => stemOf(file).toLowerCase()));
  return {
    ...listing,
    images: listing.images.filter(
      (file) => isWanted(file) || !there.has(stemOf(file).toLowerCase()),
    ),
  };
}

/** `.jpeg` and `.jpg` are one format. */
const formatOf = (extension: string): string =>
  ({ ".jpeg": ".jpg", ".tiff": ".tif", ".dicom": ".dcm" })[extension.toLowerCase()] ??
  extension.toLowerCase();

/** @throws {DataError} if the folder cannot be read. */
export async function listFolder(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new DataError(`${folder}: must be a readable folder, got ${fileReason(error)}`, {
      cause: error,
    });
  });
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "__MACOSX") continue;
    const isLink = entry.isSymbolicLink();
    const target = isLink ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (target?.isDirectory()) folders.push(entry.name);
    else if (target?.isFile()) files.push(entry.name);
  }
  files.sort(byName);
  const images = files.filter((file) => imageExtensions.includes(extensionOf(file)));
  return { folders: folders.sort(byName), files, images };
}

/** The first name that fits. */
export const named = (names: readonly string[], pattern: RegExp): string | undefined =>
  names.find((name) => pattern.test(name));

/** `folder` if it holds images, else the first folder in it, up to two levels down, that does. */
export async function holderOfImages(
  tree: FolderTree,
  folder: string,
  depth = 2,
): Promise<string | undefined> {
  const { folders, images } = await tree.list(folder);
  if (images.length > 0) return folder;
  if (depth === 0) return undefined;
  for (const name of folders) {
    const found = await holderOfImages(tree, join(folder, name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The folders under a root, listed once, sorted, and no further down than a data set can be. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { byName, extensionOf, imageExtensions } from "../dataset.ts";
import { fileReason } from "../../base/files.node.ts";

/** What lies directly in a folder, by name; hidden files (also macOS's `._` files) are left out. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Those files that are images by their extension. */
  readonly images: readonly string[];
}

/** Lists folders, remembering what was listed. */
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

export function folderTree(root: string): FolderTree {
  const listed = new Map<string, Promise<Listing>>();
  const list = (folder: string): Promise<Listing> => {
    const known = listed.get(folder) ?? listFolder(folder);
    listed.set(folder, known);
    return known;
  };
  let all: Promise<string[]> | undefined;
  const walk = async (): Promise<string[]> => {
    const found = [root];
    let level = [root];
    for (let depth = 0; depth < deepest && found.length < mostFolders; depth++) {
      const next: string[] = [];
      for (const folder of level) {
        if (found.length + next.length >= mostFolders) break;
        // What cannot be read below the root is no part of the data set, or is missed by name later.
        const { folders } = await (folder === root
          ? list(folder)
          : list(folder).catch(() => ({ folders: [] })));
        next.push(...folders.map((name) => join(folder, name)));
      }
      found.push(...next);
      level = next;
    }
    return found.slice(0, mostFolders);
  };
  return { root, list, folders: () => (all ??= walk()) };
}

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

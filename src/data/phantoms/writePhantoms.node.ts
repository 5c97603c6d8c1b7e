/** Phantoms as files: a folder that any command takes as a data set. */
import { join } from "node:path";
import { ArgumentError } from "../../base/errors.ts";
import { makePhantom, type PhantomOptions } from "./phantom.ts";
import { writeImagePng, writeMaskPng } from "../formats/writePng.node.ts";

/** How many phantoms, and which. */
export interface WritePhantomsOptions {
  readonly count: number;
  readonly size: PhantomOptions["size"];
  readonly seed: number;
  /** Index of the first one, default 0; sets with ranges that do not overlap share no picture. */
  readonly first?: number;
  /** Called after each one with the number written so far. */
  readonly onProgress?: (written: number) => void;
}

/**
 * Writes `images/0000.png` and `masks/0000.png` and so on into `folder`.
 *
 * @returns names of the phantoms, in order
 * @throws {ArgumentError} if `count` is no whole number of at least 1.
 * @throws {DataError} if a file cannot be written.
 */
export async function writePhantoms(
  folder: string,
  options: WritePhantomsOptions,
): Promise<string[]> {
  const { count, size, seed, first = 0, onProgress } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`phantom: count must be a whole number of at least 1, got ${count}`);
  }
  const names: string[] = [];
  for (let index = first; index < first + count; index++) {
    const name = String(index).padStart(4, "0");
    const { image, mask } = makePhantom({ seed, index, size });
    await Promise.all([
      writeImagePng(join(folder, "images", `${name}.png`), image),
      writeMaskPng(join(folder, "masks", `${name}.png`), mask),
    ]);
    names.push(name);
    onProgress?.(names.length);
  }
  return names;
}

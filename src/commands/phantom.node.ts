/** Phantoms by command: labelled pictures in a folder that any command takes as a data set. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writePhantoms } from "../data/phantoms/writePhantoms.node.ts";
import { ArgumentError } from "../base/errors.ts";
import { checkOptions, folderOption } from "../base/options.ts";

export const phantomSchema = z.strictObject({
  out: folderOption("folder for images/ and masks/"),
  count: z.int().min(1).max(1_000_000).default(100).describe("how many"),
  size: z.int().min(32).max(8192).default(256).describe("height and width, pixels"),
  seed: z.int().min(0).default(0).describe("seed of the pictures"),
  first: z
    .int()
    .min(0)
    .default(0)
    .describe("number of the first one; other numbers, other pictures"),
});

export type PhantomCommandOptions = z.input<typeof phantomSchema>;

export interface PhantomResult {
  readonly out: string;
  readonly names: readonly string[];
}

/**
 * Writes phantoms into `out/images` and `out/masks`.
 *
 * @throws {ArgumentError} for unusable options, or a folder that already holds images or masks.
 * @throws {DataError} if a file cannot be written.
 */
export async function phantom(
  options: PhantomCommandOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<PhantomResult> {
  const checked = checkOptions(phantomSchema, options, "options of phantom");
  const { out, count, size, seed, first } = checked;
  for (const part of ["images", "masks"]) {
    const found = await readdir(join(out, part)).catch((): string[] => []);
    if (found.length > 0) {
      throw new ArgumentError(
        `${join(out, part)}: folder must be new or empty, got ${found.length} files; choose another folder`,
      );
    }
  }
  const names = await writePhantoms(out, {
    count,
    size,
    seed,
    first,
    onProgress: (done) => onProgress?.(done, count),
  });
  return { out, names };
}

/** Reading the labels of a sample, of whatever kind they are. */
import { InternalError } from "../tensor/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import type { LabelSource } from "./dataset.ts";
import type { ReadOptions } from "./decode.node.ts";
import { readMask } from "./readMask.node.ts";

/** The file that messages about the labels name. */
export const labelsPath = (source: LabelSource): string =>
  source.kind === "instanceMasks" ? (source.paths[0] ?? "masks") : source.path;

/**
 * Class and, where told apart, instance of every pixel, at native size.
 *
 * @throws {DataError} if a file is unreadable, or holds values that its kind does not allow.
 */
export async function readLabels(source: LabelSource, options: ReadOptions = {}): Promise<Labels> {
  switch (source.kind) {
    case "mask": {
      const { width, height, data } = await readMask(source.path, options);
      return { width, height, classes: data };
    }
    default:
      throw new InternalError(`labels of kind ${source.kind} cannot be read yet`);
  }
}

/** The segmentation of a COCO annotation, polygons or run lengths, as pixels. */
import { DataError } from "../../base/errors.ts";
import { polygonRuns } from "./cocoPolygon.ts";
import { type ColumnRuns, decodeRleString, paintRuns, rleRuns } from "./cocoRle.ts";
import type { CocoObject } from "../dataset.ts";

export { decodeRle, decodeRleString, encodeRle, encodeRleString } from "./cocoRle.ts";

/**
 * Pixels of a segmentation as runs, of several rings one after another; those may overlap.
 *
 * @param where  for messages
 * @throws {DataError} as `decodeSegmentation`.
 */
export function segmentationRuns(
  segmentation: CocoObject["segmentation"],
  width: number,
  height: number,
  where: string,
): ColumnRuns {
  if (!("counts" in segmentation)) {
    return segmentation.flatMap((ring, i) =>
      polygonRuns(ring, width, height, `${where}, ring ${i}`),
    );
  }
  const { size, counts } = segmentation;
  if (size[0] !== height || size[1] !== width) {
    throw new DataError(
      `${where}: size of the run lengths must be that of the image, [${height}, ${width}], got [${size.join(", ")}]`,
    );
  }
  const lengths = typeof counts === "string" ? decodeRleString(counts, where) : counts;
  return rleRuns(lengths, width, height, where);
}

/**
 * The mask of a segmentation, row-major, 0 and 1; several rings count together (union), as COCO has it: a
 * hole cannot be told by a ring.
 *
 * @param where  for messages; default `segmentation`
 * @throws {DataError} if a ring has fewer than three points or a coordinate that is not finite; if run
 *   lengths are damaged, do not add up, or are of another size.
 */
export function decodeSegmentation(
  segmentation: CocoObject["segmentation"],
  width: number,
  height: number,
  where = "segmentation",
): Uint8Array {
  const runs = segmentationRuns(segmentation, width, height, where);
  const mask = new Uint8Array(width * height);
  paintRuns(runs, width, height, (at) => (mask[at] = 1));
  return mask;
}

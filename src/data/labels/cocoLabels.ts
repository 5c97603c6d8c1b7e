/** Labels of one image of a COCO file. */
import { DataError } from "../../base/errors.ts";
import type { Labels } from "../../tensor/raster.ts";
import { paintRuns } from "./cocoRle.ts";
import { segmentationRuns } from "./cocoSegmentation.ts";
import type { LabelSource } from "../dataset.ts";

type CocoSource = Extract<LabelSource, { kind: "coco" }>;

/**
 * Objects painted in their order, so that a later one covers an earlier; object i is instance i + 1.
 *
 * @throws {DataError} naming file, image and object, if a segmentation is damaged or of another size.
 */
export function cocoLabels(source: CocoSource): Required<Labels> {
  const { path, imageId, width, height, objects } = source;
  const classes = new Uint8Array(width * height);
  const instances = new Int32Array(width * height);
  for (const [i, object] of objects.entries()) {
    const where = `${path}: image ${imageId}, object ${i}`;
    if (!Number.isInteger(object.class) || object.class < 1 || object.class > 255) {
      throw new DataError(`${where}: class must be 1 to 255, got ${object.class}`);
    }
    const runs = segmentationRuns(object.segmentation, width, height, where);
    paintRuns(runs, width, height, (at) => {
      classes[at] = object.class;
      instances[at] = i + 1;
    });
  }
  return { width, height, classes, instances };
}

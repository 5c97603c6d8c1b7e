/** The worst and the best of scored label files as pictures for a report. */
import { basename } from "node:path";
import { imageKey } from "../data/dataset.ts";
import { listImages } from "../data/openDataset.node.ts";
import { openNpy } from "../data/formats/readNpy.node.ts";
import { labelsPath, readLabelSource } from "../data/labels/readLabelSource.node.ts";
import { readSampleImage } from "../data/readSample.node.ts";
import { resizeLabels } from "../data/images/resize.ts";
import { DataError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { drawExample, type ReportExample } from "./drawExample.ts";
import { casesToShow, type ReportScores } from "./imageColumns.ts";
import type { LabelPair } from "../score/labelPairs.node.ts";

/** Finds the image of a pair; none where no images were given. */
export type FindImage = (pair: LabelPair) => Promise<RgbImage> | undefined;

/**
 * The images that belong to pairs, found by name among the files of a folder, or by place in an array.
 *
 * @param images  a folder, a single image, or an array (.npy) for pairs of arrays; default: none
 * @throws {DataError} if a pair has no image, two images have one name, or arrays differ in length.
 */
export async function imagesOfPairs(
  pairs: readonly LabelPair[],
  images: string | undefined,
): Promise<FindImage> {
  if (images === undefined) return () => undefined;
  if (images.toLowerCase().endsWith(".npy")) {
    const { shape } = await openNpy(images);
    if (shape[0] !== pairs.length)
      throw new DataError(
        `${images}: must hold as many images as there are pairs, ${pairs.length}, got ${shape[0] ?? 0}`,
      );
    return (pair) =>
      readSampleImage({
        name: pair.name,
        image: images,
        index: pairs.indexOf(pair),
        labels: pair.truth,
      });
  }
  const found = new Map<string, string>();
  for (const path of await listImages(images)) {
    const other = found.get(imageKey(basename(path)));
    if (other !== undefined)
      throw new DataError(
        `${path}: names without extension must differ, got ${basename(other)} beside it; remove or rename one`,
      );
    found.set(imageKey(basename(path)), path);
  }
  const missing = pairs.filter(({ name }) => !found.has(name.toLowerCase()));
  if (missing.length > 0)
    throw new DataError(
      `${images}: must hold the image of every truth, got none for ${missing.length} of ${pairs.length}, ` +
        `such as ${missing[0]!.name} (${labelsPath(missing[0]!.truth)}); it holds ${found.size} images`,
    );
  return ({ name, truth }) =>
    readSampleImage({ name, image: found.get(name.toLowerCase())!, labels: truth });
}

/**
 * Reads the worst and the best pairs again and draws them: on their images, else on the truth itself. A
 * prediction of another size than its truth is resized to it, as for scoring.
 *
 * @param count  half of them the worst, half the best
 * @throws {DataError} if a file cannot be read, or an image has another size than its truth.
 */
export async function pairExamples(
  pairs: readonly LabelPair[],
  scores: ReportScores,
  count: number,
  findImage: FindImage,
): Promise<ReportExample[]> {
  const examples: ReportExample[] = [];
  for (const name of casesToShow(scores, count)) {
    const pair = pairs.find((candidate) => candidate.name === name)!;
    const truth = await readLabelSource(pair.truth);
    const { width, height } = truth;
    const prediction = resizeLabels(await readLabelSource(pair.prediction), width, height);
    const image = await findImage(pair);
    if (image && (image.width !== width || image.height !== height))
      throw new DataError(
        `${labelsPath(pair.truth)}: must have the size of the image of ${name}, ` +
          `${image.width} x ${image.height} (width x height), got ${width} x ${height}`,
      );
    const several = (scores.classes ?? scores.instances)?.summary.perClass.length ?? 1;
    examples.push(drawExample(name, { truth, prediction, several: several > 1 }, image));
  }
  return examples;
}

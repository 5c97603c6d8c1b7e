/** Predicted instances as a COCO document. */
import { encodeRleString } from "../data/labels/cocoRle.ts";
import { labelRuns } from "../data/convert/labelRuns.ts";
import type { FloatMap, Labels } from "../tensor/raster.ts";
import { idMapOf, measureInstances } from "./measureInstances.ts";

/** What was found in one image. */
export interface CocoPrediction {
  /** As it is to stand in the document. */
  readonly fileName: string;
  readonly labels: Labels;
  /** Of the foreground. */
  readonly probability?: FloatMap;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly iscrowd: 0;
  /** Pixels. */
  readonly area: number;
  /** x, y, width, height, pixels. */
  readonly bbox: readonly [number, number, number, number];
  /** Run lengths of columns, as COCO's own tools compress them; size is height, width. */
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
  /** Mean probability of the pixels, if a map was given. */
  readonly score?: number;
}

export interface CocoDocument {
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly CocoAnnotation[];
}

/**
 * Instances as COCO annotations with run lengths, which hold every pixel. Images and annotations are numbered from 1 in their order.
 *
 * The annotations alone are what COCO's tools take as results, if all images have probabilities.
 *
 * @param classNames  names of the classes 1 to K
 * @throws {ArgumentError} if labels do not tell instances apart.
 * @throws {ShapeError} if maps differ in size.
 * @see https://cocodataset.org/#format-data
 */
export function toCoco(
  predictions: readonly CocoPrediction[],
  classNames: readonly string[],
): CocoDocument {
  const annotations: CocoAnnotation[] = [];
  const images = predictions.map(({ fileName, labels, probability }, index) => {
    const { width, height } = labels;
    const measured = measureInstances(labels, probability);
    const runs = labelRuns(idMapOf(labels).data, width, height);
    for (const [k, { class: kind, area, box, probability: score }] of measured.entries()) {
      annotations.push({
        id: annotations.length + 1,
        image_id: index + 1,
        category_id: kind,
        iscrowd: 0,
        area,
        bbox: box,
        // Both lists are in the order of the ids.
        segmentation: { size: [height, width], counts: encodeRleString(runs[k]!.counts) },
        ...(probability && { score: Math.round(score * 1e4) / 1e4 }),
      });
    }
    return { id: index + 1, file_name: fileName, width, height };
  });
  const categories = classNames.map((name, k) => ({ id: k + 1, name }));
  return { images, categories, annotations };
}

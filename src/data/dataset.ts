/** What a data set is: named samples in two or three parts, and how files find their masks. */

import type { ValueRange } from "./images/valueRange.ts";

/** An annotated object of a COCO file, as far as pixels need it. */
export interface CocoObject {
  /** Class of its pixels, 1 to K. */
  readonly class: number;
  /** Rings of x0, y0, x1, y1, ... in pixels, or runs in column-major order, the first of zeros. */
  readonly segmentation:
    | readonly (readonly number[])[]
    | { readonly size: readonly [number, number]; readonly counts: readonly number[] | string };
}

/** Where the labels of an image lie, and of what kind they are. */
export type LabelSource =
  /** A file of 0 and 255, or 0 and 1. */
  | { readonly kind: "mask"; readonly path: string }
  /** A file of class numbers, 0 to `classes`. */
  | { readonly kind: "classMap"; readonly path: string; readonly classes: number }
  /** A file of instance ids, all of class 1 unless a class map of the same pixels says otherwise. */
  | {
      readonly kind: "instanceMap";
      readonly path: string;
      readonly classMap?: { readonly path: string; readonly classes: number };
    }
  /** A mask file for each instance, all of class 1; where they overlap, the later covers the earlier. */
  | { readonly kind: "instanceMasks"; readonly paths: readonly string[] }
  /** An entry of CoNIC's labels.npy: instance ids, and class numbers 0 to 6. */
  | { readonly kind: "conic"; readonly path: string; readonly index: number }
  /** The objects of one image of a COCO file. */
  | {
      readonly kind: "coco";
      readonly path: string;
      readonly imageId: number;
      /** Size of the image as the file states it. */
      readonly width: number;
      readonly height: number;
      /** Where objects overlap, the later one covers the earlier. */
      readonly objects: readonly CocoObject[];
    };

/** One image with its labels. */
export interface Sample {
  /** Image file name without folder and extension; unique within its part. */
  readonly name: string;
  /** Path of the image: a picture, a DICOM file, or an array file. */
  readonly image: string;
  /** Which entry, where `image` is an array file (.npy) of many. */
  readonly index?: number;
  /** How its stored values become 8 bits; default `fixed`. */
  readonly range?: ValueRange;
  readonly labels: LabelSource;
  /** Source image or patient, where the data set tells: samples of one group belong into one part. */
  readonly group?: string;
}

/** What mask files of plain folders hold; `auto`: looked up in some of them. */
export const labelKinds = ["auto", "mask", "classes", "instances"] as const;

/** The known layouts. */
export type Layout =
  "folders" | "isic2016" | "isic2018" | "ph2" | "conic" | "dsb2018" | "nnunet" | "coco";

/** The samples found under a folder, each part sorted by name. */
export interface Dataset {
  readonly root: string;
  readonly layout: Layout;
  /** Names of the classes 1 to K; the background is none of them. */
  readonly classes: readonly string[];
  /** Whether the labels tell instances apart. */
  readonly instances: boolean;
  readonly train: Sample[];
  /** Empty where the layout has no official validation part. */
  readonly validation: Sample[];
  /** Empty where the layout has no official test part. */
  readonly test: Sample[];
}

/** File extensions that count as images, lower case. */
export const imageExtensions: readonly string[] = [
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".tif",
  ".tiff",
  ".gif",
  ".avif",
  ".bmp",
  ".dcm",
  ".dicom",
];

/** Image formats that can be preferred to others of the same name. */
export const preferable = ["png", "jpg", "webp", "tif", "gif", "avif", "bmp", "dcm"] as const;
export type Preferred = (typeof preferable)[number];

const maskSuffix = /[ _-]+(segmentation|seg|mask|lesion|labels?|ground_?truth|gt|annotation)s?$/;
const imageSuffix = /[ _-]+(image|img)$/;

/** Extension with its dot, lower case; empty if there is none. */
export function extensionOf(file: string): string {
  const dot = file.lastIndexOf(".");
  return dot <= 0 ? "" : file.slice(dot).toLowerCase();
}

/** File name without its extension. */
export const stemOf = (file: string): string =>
  extensionOf(file) === "" ? file : file.slice(0, file.lastIndexOf("."));

/** Stem of an image as it is compared: lower case, without `_image`. */
export const imageKey = (file: string): string =>
  stemOf(file).toLowerCase().replace(imageSuffix, "");

/** Stem of a mask as it is compared: lower case, without `_segmentation`, `_mask`, `_lesion`, ... */
export const maskKey = (file: string): string => stemOf(file).toLowerCase().replace(maskSuffix, "");

/** Names in the order of code units, the same on every machine and in every locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

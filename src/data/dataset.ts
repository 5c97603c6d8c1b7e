/** What a data set is: named samples in two or three parts, and how files find their masks. */

/** One image with its mask. */
export interface Sample {
  /** Image file name without folder and extension; unique within its part. */
  readonly name: string;
  /** Path of the image. */
  readonly image: string;
  /** Path of the mask. */
  readonly mask: string;
}

/** The samples found under a folder, each part sorted by name. */
export interface Dataset {
  readonly root: string;
  readonly layout: "folders" | "isic2016";
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
];

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

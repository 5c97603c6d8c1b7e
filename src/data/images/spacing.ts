/** The size of pixels in mm, and the unit that distances over several images have. */
import { DataError } from "../../base/errors.ts";

/** Distance of neighbouring pixels in mm, down a column and along a row. */
export type PixelSpacing = readonly [y: number, x: number];

/** Unit of distances; `auto`: mm if every image tells the size of its pixels, else pixels. */
export const unitChoices = ["auto", "mm", "px"] as const;
export type UnitChoice = (typeof unitChoices)[number];
export type DistanceUnit = Exclude<UnitChoice, "auto">;

/** How many images tell the size of their pixels. */
export interface SpacingCount {
  readonly images: number;
  readonly known: number;
}

/**
 * The unit of all distances: a mean must not mix mm and pixels.
 *
 * @param where  begins the message, e.g. the folder of the data set
 * @throws {DataError} if mm are asked for and an image does not tell the size of its pixels.
 */
export function distanceUnit(
  { images, known }: SpacingCount,
  choice: UnitChoice = "auto",
  where: string,
): DistanceUnit {
  if (choice === "auto") return images > 0 && known === images ? "mm" : "px";
  if (choice === "mm" && known < images) {
    throw new DataError(
      `${where}: all images must tell the size of their pixels for distances in mm, got ${known} of ${images}; leave out --unit mm`,
    );
  }
  return choice;
}

/** Pictures that show the same: copies, re-encodings, other sizes and exposures. */
import { hashNeighbours } from "./hashNeighbours.ts";
import {
  contrastOf,
  correlationOf,
  flips,
  flipThumbnail,
  perceptualHash,
  type Flip,
  type Thumbnail,
} from "./perceptualHash.ts";

/** What a picture is recognised by. */
export interface Fingerprint {
  /** Equal for equal files. */
  readonly digest: string;
  readonly thumbnail: Thumbnail;
}

/** Two pictures, by their places in the list, the smaller first. */
export interface DuplicatePair {
  readonly first: number;
  readonly second: number;
  /** Equal files, or pictures that look the same. */
  readonly kind: "identical" | "similar";
  /** Of the thumbnails, up to 1. */
  readonly correlation: number;
  /** How the second has to be turned over to look like the first. */
  readonly flip: Flip;
}

/** An image of a part. */
export interface PartImage {
  readonly part: string;
  readonly name: string;
}

/** An image that could not be read, and what is wrong with its file. */
export interface UnreadableImage extends PartImage {
  readonly message: string;
}

/** Two images that show the same. */
export type NearDuplicate = Omit<DuplicatePair, "first" | "second"> & {
  readonly images: readonly [PartImage, PartImage];
};

/** What was found among images in parts. */
export interface NearDuplicates {
  /** Images that were looked at, of `total`. */
  readonly checked: number;
  readonly total: number;
  readonly seconds: number;
  /** Images that could not be read and were compared with none. */
  readonly unreadable: readonly UnreadableImage[];
  readonly pairs: readonly NearDuplicate[];
}

export interface DuplicateOptions {
  /** Bits of 64 in which the hashes may differ, 0 to 11; default 10. */
  readonly maxDistance?: number;
  /** Least correlation of the thumbnails; default 0.97. */
  readonly minCorrelation?: number;
  /** Also find pictures that are turned over, or upside down; default false. */
  readonly flips?: boolean;
}

/** Below this standard deviation, in grey levels, a picture shows nothing to tell it by. */
const flat = 1;

/**
 * The pairs of near-duplicates: equal files, and pictures whose hashes are near and whose thumbnails
 * correlate. Brightness and contrast do not count. Flat pictures are compared by their files alone. Of
 * several equal files, each is paired with the first; what is similar to them is paired with the first too.
 *
 * Pictures cut by 2 % on each side are mostly still found, those cut or turned by more are not.
 *
 * @returns ordered by place; empty for fewer than two
 * @throws {ArgumentError} if `maxDistance` is none of 0 to 11.
 */
export function findDuplicatePairs(
  fingerprints: readonly Fingerprint[],
  options: DuplicateOptions = {},
): DuplicatePair[] {
  const { maxDistance = 10, minCorrelation = 0.97 } = options;
  const pairs = new Map<string, DuplicatePair>();
  const firsts = new Map<string, number>();
  for (const [place, { digest }] of fingerprints.entries()) {
    const first = firsts.get(digest);
    if (first === undefined) firsts.set(digest, place);
    else {
      const pair = {
        first,
        second: place,
        kind: "identical",
        correlation: 1,
        flip: "none",
      } as const;
      pairs.set(`${first} ${place}`, pair);
    }
  }
  const places = [...firsts.values()].filter(
    (place) => contrastOf(fingerprints[place]!.thumbnail) >= flat,
  );
  const thumbnails = places.map((place) => fingerprints[place]!.thumbnail);
  const hashes = thumbnails.map(perceptualHash);
  for (const flip of options.flips ? flips : (["none"] as const)) {
    const turned =
      flip === "none" ? thumbnails : thumbnails.map((thumbnail) => flipThumbnail(thumbnail, flip));
    const queries = flip === "none" ? hashes : turned.map(perceptualHash);
    hashNeighbours(queries, hashes, maxDistance, (i, j) => {
      if (j >= i) return;
      const correlation = correlationOf(turned[i]!, thumbnails[j]!);
      if (correlation < minCorrelation) return;
      const [first, second] = [places[j]!, places[i]!];
      const known = pairs.get(`${first} ${second}`);
      if (known && known.correlation >= correlation) return;
      pairs.set(`${first} ${second}`, { first, second, kind: "similar", correlation, flip });
    });
  }
  return [...pairs.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Pictures that show the same: copies, re-encodings, other sizes and exposures. */
import { hashNeighbours } from "./hashNeighbours.ts";
import {
  contrastOf,
  correlationOf,
  perceptualHash,
  spectrumOf,
  symmetries,
  turnSpectrum,
  turnThumbnail,
  type Symmetry,
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
  /** How the second has to be turned or mirrored to look like the first. */
  readonly symmetry: Symmetry;
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
}

/** Below this standard deviation, in grey levels, a picture shows nothing to tell it by. */
const flat = 1;

/**
 * The pairs of near-duplicates: equal files, and pictures whose hashes are near and whose thumbnails
 * correlate. Brightness and contrast do not count. Flat pictures are compared by their files alone. Of
 * several equal files, each is paired with the first; what is similar to them is paired with the first too.
 *
 * Each picture is compared in the eight symmetries of the square: turned by 90, 180 and 270 degrees, mirrored,
 * and both. Pictures cut by 2 % on each side are mostly still found, those cut by more or turned by other
 * angles are not.
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
        symmetry: "none",
      } as const;
      pairs.set(`${first} ${place}`, pair);
    }
  }
  const places = [...firsts.values()].filter(
    (place) => contrastOf(fingerprints[place]!.thumbnail) >= flat,
  );
  const thumbnails = places.map((place) => fingerprints[place]!.thumbnail);
  const spectra = thumbnails.map(spectrumOf);
  const hashes = spectra.map(perceptualHash);
  for (const symmetry of symmetries) {
    const queries = spectra.map((spectrum) => perceptualHash(turnSpectrum(spectrum, symmetry)));
    hashNeighbours(queries, hashes, maxDistance, (i, j) => {
      if (j >= i) return;
      const correlation = correlationOf(turnThumbnail(thumbnails[i]!, symmetry), thumbnails[j]!);
      if (correlation < minCorrelation) return;
      const [first, second] = [places[j]!, places[i]!];
      const known = pairs.get(`${first} ${second}`);
      if (known && known.correlation >= correlation) return;
      pairs.set(`${first} ${second}`, { first, second, kind: "similar", correlation, symmetry });
    });
  }
  return [...pairs.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

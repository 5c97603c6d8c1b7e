/** Random mask pairs of one size for property tests: ragged, sparse, dense, empty and full ones. */

import fc from "fast-check";
import type { Mask } from "../../src/tensor/raster.ts";

export const maskPairs = (largest = 12): fc.Arbitrary<[Mask, Mask]> =>
  fc
    .tuple(fc.integer({ min: 1, max: largest }), fc.integer({ min: 1, max: largest }))
    .chain(([width, height]) => fc.tuple(masks(width, height), masks(width, height)));

/** One mask of a given size. */
export const masks = (width: number, height: number): fc.Arbitrary<Mask> =>
  fc
    .tuple(
      fc.constantFrom(0, 0.05, 0.3, 0.7, 1),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
        minLength: width * height,
        maxLength: width * height,
      }),
    )
    .map(([share, values]) => ({
      width,
      height,
      data: Uint8Array.from(values, (value) => (value < share ? 1 : 0)),
    }));

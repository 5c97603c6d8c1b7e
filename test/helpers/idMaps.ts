/** Random maps of ids for property tests: ragged, with holes, touching, in several pieces. */
import fc from "fast-check";

export interface DrawnIds {
  readonly width: number;
  readonly height: number;
  readonly data: Int32Array;
}

/** Maps of up to `largest` pixels a side with the ids 0, 3 and 70000, in varying shares. */
export const idMaps = (largest = 10): fc.Arbitrary<DrawnIds> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: largest }),
      fc.integer({ min: 1, max: largest }),
      fc.constantFrom([0, 3], [0, 3, 3, 3], [0, 3, 70000], [0, 0, 0, 3, 70000], [3], [3, 70000]),
    )
    .chain(([width, height, ids]) =>
      fc
        .array(fc.constantFrom(...ids), { minLength: width * height, maxLength: width * height })
        .map((values) => ({ width, height, data: Int32Array.from(values) })),
    );

/** Ids drawn as digits, one line a row; `.` is 0. */
export function drawnIds(picture: string): DrawnIds {
  const rows = picture.trim().split(/\s+/);
  const data = Int32Array.from(rows.join(""), (digit) => (digit === "." ? 0 : Number(digit)));
  return { width: rows[0]!.length, height: rows.length, data };
}

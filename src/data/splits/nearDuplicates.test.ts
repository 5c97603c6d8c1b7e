import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { hashNeighbours } from "./hashNeighbours.ts";
import { findDuplicatePairs, type Fingerprint } from "./nearDuplicates.ts";
import {
  bitCount,
  correlationOf,
  greyOf,
  perceptualHash,
  spectrumOf,
  symmetries,
  turnSpectrum,
  turnThumbnail,
  type Thumbnail,
} from "./perceptualHash.ts";

/** A blurred random picture, as photographs are at this size. */
function picture(seed: number): Thumbnail {
  const random = Random.of("picture", seed);
  const blobs = Array.from({ length: 9 }, () => [
    random.uniform(0, 32),
    random.uniform(0, 32),
    random.uniform(10, 60),
    random.uniform(-60, 60),
  ]);
  return Uint8Array.from({ length: 1024 }, (_, i) => {
    const [x, y] = [i % 32, i >> 5];
    const grey = blobs.reduce(
      (sum, [bx, by, width, height]) =>
        sum + height! * Math.exp(-((x - bx!) ** 2 + (y - by!) ** 2) / width!),
      128,
    );
    return Math.max(0, Math.min(255, Math.round(grey)));
  });
}

const changed = (thumbnail: Thumbnail, change: (grey: number) => number): Thumbnail =>
  thumbnail.map((grey) => Math.max(0, Math.min(255, Math.round(change(grey)))));
const hashOf = (thumbnail: Thumbnail) => perceptualHash(spectrumOf(thumbnail));
const distance = (a: Thumbnail, b: Thumbnail): number => {
  const [first, second] = [hashOf(a), hashOf(b)];
  return first.reduce((sum, word, i) => sum + bitCount(word ^ second[i]!), 0);
};
const prints = (thumbnails: readonly Thumbnail[]): Fingerprint[] =>
  thumbnails.map((thumbnail, i) => ({ digest: `file ${i}`, thumbnail }));

describe("the hash of a picture", () => {
  it("has half its bits set, and survives noise, brightness and contrast", () => {
    const random = Random.of("noise");
    for (let seed = 0; seed < 20; seed++) {
      const one = picture(seed);
      expect(hashOf(one).reduce((sum, word) => sum + bitCount(word), 0)).toBe(32);
      expect(
        distance(
          one,
          changed(one, (grey) => 0.8 * grey + 10),
        ),
      ).toBeLessThanOrEqual(10);
      const noisy = changed(one, (grey) => grey + random.int(5) - 2);
      expect(distance(one, noisy)).toBeLessThanOrEqual(10);
      expect(distance(one, picture(seed + 100))).toBeGreaterThan(10);
    }
  });

  it("counts bits", () => {
    for (const word of [0, 1, 0x8000, 0xffff, 0x1234, 0x5555]) {
      expect(bitCount(word)).toBe(word.toString(2).replaceAll("0", "").length);
    }
  });
});

test("grey is the luma of red, green and blue", () => {
  expect([...greyOf(Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 10, 10]))]).toEqual([
    76, 150, 29, 10,
  ]);
});

test("the eight symmetries are those of the square", () => {
  const one = picture(3);
  const at = (y: number, x: number) => one[32 * y + x];
  const corner = (symmetry: (typeof symmetries)[number]) => {
    const turned = turnThumbnail(one, symmetry);
    return [turned[0], turned[1]];
  };
  expect(corner("none")).toEqual([at(0, 0), at(0, 1)]);
  expect(corner("mirrorX")).toEqual([at(0, 31), at(0, 30)]);
  expect(corner("mirrorY")).toEqual([at(31, 0), at(31, 1)]);
  expect(corner("halfTurn")).toEqual([at(31, 31), at(31, 30)]);
  expect(corner("transpose")).toEqual([at(0, 0), at(1, 0)]);
  // Turned to the left, the right edge comes to the top; to the right, the left edge.
  expect(corner("turnLeft")).toEqual([at(0, 31), at(1, 31)]);
  expect(corner("turnRight")).toEqual([at(31, 0), at(30, 0)]);
  expect(corner("antitranspose")).toEqual([at(31, 31), at(30, 31)]);
  const inverse = { turnLeft: "turnRight", turnRight: "turnLeft" } as const;
  for (const symmetry of symmetries) {
    const back = symmetry in inverse ? inverse[symmetry as keyof typeof inverse] : symmetry;
    expect(turnThumbnail(turnThumbnail(one, symmetry), back)).toEqual(one);
  }
  expect(turnThumbnail(turnThumbnail(one, "turnLeft"), "turnLeft")).toEqual(
    turnThumbnail(one, "halfTurn"),
  );
});

test("the spectrum of a turned picture is the turned spectrum", () => {
  for (const symmetry of symmetries) {
    const one = picture(5);
    const turned = turnSpectrum(spectrumOf(one), symmetry);
    for (const [i, value] of spectrumOf(turnThumbnail(one, symmetry)).entries())
      expect(turned[i]).toBeCloseTo(value, 7);
    expect(perceptualHash(turned)).toEqual(hashOf(turnThumbnail(one, symmetry)));
  }
});

test("correlation is 1 under brightness and contrast, and 0 with a flat picture", () => {
  const one = picture(1).map((grey) => grey >> 1);
  expect(correlationOf(one, one)).toBeCloseTo(1, 12);
  expect(
    correlationOf(
      one,
      one.map((grey) => 2 * grey + 1),
    ),
  ).toBeCloseTo(1, 12);
  expect(
    correlationOf(
      one,
      one.map((grey) => 255 - grey),
    ),
  ).toBeCloseTo(-1, 12);
  expect(correlationOf(one, new Uint8Array(1024).fill(9))).toBe(0);
});

describe("neighbours of hashes", () => {
  // Few set bits, so that near ones are common.
  const hash = fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 9 }).map((bits) => {
    const words = new Uint16Array(4);
    for (const bit of bits) words[bit >> 4]! |= 1 << (bit & 15);
    return words;
  });
  const hashes = fc.array(hash, { maxLength: 30 });

  it("are all those that comparing all with all finds, each once", () => {
    fc.assert(
      fc.property(hashes, hashes, fc.integer({ min: 0, max: 11 }), (queries, known, most) => {
        const found: string[] = [];
        hashNeighbours(queries, known, most, (i, j, d) => found.push([i, j, d].join(" ")));
        const expected = queries.flatMap((a, i) =>
          known.flatMap((b, j) => {
            const d = a.reduce((sum, word, w) => sum + bitCount(word ^ b[w]!), 0);
            return d <= most ? [[i, j, d].join(" ")] : [];
          }),
        );
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("are found up to 11 bits", () => {
    expectError(
      () => {
        hashNeighbours([], [], 12, () => undefined);
      },
      ArgumentError,
      "maxDistance must be a whole number from 0 to 11, got 12",
    );
  });
});

describe("near-duplicates", () => {
  const others = Array.from({ length: 40 }, (_, i) => picture(i));
  const one = others[7]!;

  it("are equal files, and pictures of other brightness and noise, but no others", () => {
    expect(findDuplicatePairs(prints(others))).toEqual([]);
    expect(findDuplicatePairs([])).toEqual([]);
    const random = Random.of("noise");
    const noisy = changed(one, (grey) => 0.7 * grey + 20 + random.int(3));
    const list = prints([...others, noisy]);
    list.push({ digest: "file 7", thumbnail: one });
    expect(findDuplicatePairs(list)).toEqual([
      {
        first: 7,
        second: 40,
        kind: "similar",
        correlation: expect.closeTo(1, 2) as number,
        symmetry: "none",
      },
      { first: 7, second: 41, kind: "identical", correlation: 1, symmetry: "none" },
    ]);
  });

  it("turned and mirrored are found, with the symmetry that brings them back", () => {
    const inverse = { turnLeft: "turnRight", turnRight: "turnLeft" } as Record<string, string>;
    for (const symmetry of symmetries) {
      const noisy = changed(turnThumbnail(one, symmetry), (grey) => 0.8 * grey + 13);
      const pairs = findDuplicatePairs(prints([...others, noisy]));
      expect(pairs).toMatchObject([
        { first: 7, second: 40, kind: "similar", symmetry: inverse[symmetry] ?? symmetry },
      ]);
    }
  });

  it("that are flat are compared by their files alone", () => {
    const flat = new Uint8Array(1024).fill(240);
    const list = prints([flat, flat]);
    expect(findDuplicatePairs(list)).toEqual([]);
    expect(findDuplicatePairs([...list, list[0]!])).toMatchObject([
      { first: 0, second: 2, kind: "identical" },
    ]);
  });

  it("among a thousand copies of one file are found without comparing all with all", () => {
    const copies = Array.from({ length: 1000 }, () => ({ digest: "same", thumbnail: one }));
    const pairs = findDuplicatePairs(copies);
    expect(pairs).toHaveLength(999);
    expect(pairs.every(({ first }) => first === 0)).toBe(true);
  });
});

import { expect, test } from "vitest";
import { expectSame, fixture, plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { flipHorizontal } from "./flip.ts";
import { rotate90, transpose } from "./rotate90.ts";

test.each(fixture.rotate90)("$turns quarter turns equal Albumentations'", (expected) => {
  expectSame(rotate90(sample, expected.turns), expected);
});

test("the transpose equals Albumentations'", () => {
  expectSame(transpose(sample), fixture.transpose);
});

test("width and height swap with an odd number of turns", () => {
  const { image, labels } = rotate90(sample, 1);
  for (const { width, height } of [image, labels]) {
    expect([width, height]).toEqual([fixture.height, fixture.width]);
  }
});

test("turns are counted modulo 4, backwards too, and a transpose is a turn and a flip", () => {
  expect(rotate90(sample, 4)).toBe(sample);
  expect(plain(rotate90(sample, -1))).toEqual(plain(rotate90(sample, 3)));
  expect(plain(rotate90(sample, 1))).toEqual(plain(transpose(flipHorizontal(sample))));
});

test("half a turn is refused", () => {
  expectError(
    () => rotate90(sample, 0.5),
    ArgumentError,
    "rotate90: turns must be a whole number, got 0.5",
  );
});

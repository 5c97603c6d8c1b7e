import { expect, test } from "vitest";
import { expectSame, fixture, plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { flipHorizontal, flipVertical, rotate90, transpose } from "./symmetries.ts";

test("flips equal Albumentations', instances go with their pixels", () => {
  expectSame(flipHorizontal(sample), fixture.horizontalFlip);
  expectSame(flipVertical(sample), fixture.verticalFlip);
});

test("a flip undoes itself", () => {
  expect(plain(flipHorizontal(flipHorizontal(sample)))).toEqual(plain(sample));
  expect(plain(flipVertical(flipVertical(sample)))).toEqual(plain(sample));
});

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

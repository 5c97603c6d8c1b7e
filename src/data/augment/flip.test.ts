import { expect, test } from "vitest";
import { expectSame, fixture, plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import { flipHorizontal, flipVertical } from "./flip.ts";

test("flips equal Albumentations', instances go with their pixels", () => {
  expectSame(flipHorizontal(sample), fixture.horizontalFlip);
  expectSame(flipVertical(sample), fixture.verticalFlip);
});

test("a flip undoes itself", () => {
  expect(plain(flipHorizontal(flipHorizontal(sample)))).toEqual(plain(sample));
  expect(plain(flipVertical(flipVertical(sample)))).toEqual(plain(sample));
});

import { expect, test } from "vitest";
import { expectSame, fixture, plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { cutWindow, padTo, randomCrop } from "./window.ts";

/** A picture of one row: its classes are the columns, from 0. */
const row = (width: number): Labelled => ({
  image: { width, height: 1, data: Uint8Array.from({ length: 3 * width }, (_, i) => i) },
  labels: { width, height: 1, classes: Uint8Array.from({ length: width }, (_, i) => i) },
});

test("a window equals Albumentations' crop", () => {
  expectSame(cutWindow(sample, ...fixture.crop.window), fixture.crop);
});

test.each(fixture.padded)(
  "padding to $width x $height with border $border equals Albumentations'",
  ({ border, width, height, ...expected }) => {
    expectSame(padTo(sample, width, height, border), expected);
  },
);

test("a window may begin and end outside, where it is mirrored or empty", () => {
  expect([...cutWindow(row(4), -2, 0, 8, 1).labels.classes]).toEqual([2, 1, 0, 1, 2, 3, 2, 1]);
  expect([...cutWindow(row(4), -2, 0, 8, 1, "constant").labels.classes]).toEqual([
    0, 0, 0, 1, 2, 3, 0, 0,
  ]);
  expect([...cutWindow(row(1), -1, -1, 2, 2).labels.classes]).toEqual([0, 0, 0, 0]);
});

test("nothing is copied where nothing changes", () => {
  expect(cutWindow(sample, 0, 0, fixture.width, fixture.height)).toBe(sample);
  expect(padTo(sample, 3, 3)).toBe(sample);
});

test("random crops reach every place alike and have the size asked for", () => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) {
    const { labels } = randomCrop(row(6), 3, 1, Random.of(4, i));
    expect([labels.width, labels.height]).toEqual([3, 1]);
    counts[labels.classes[0]!]! += 1;
  }
  for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(60);
});

test("a random crop larger than the sample is padded first", () => {
  const { width, height } = fixture;
  const crop = randomCrop(sample, width + 4, height + 3, new Random(1));
  expect(plain(crop)).toEqual(plain(padTo(sample, width + 4, height + 3)));
});

test("parts of pixels are refused", () => {
  expectError(
    () => cutWindow(sample, 0.5, 0, 2, 2),
    ArgumentError,
    "cutWindow: x must be a whole number, got 0.5",
  );
  expectError(
    () => cutWindow(sample, 0, 0, 0, 2),
    ArgumentError,
    "cutWindow: width must be a whole number of at least 1, got 0",
  );
});

/** 3 x 2: the classes are 1 to 6, the ids ten times that, the colours a hundred. */
const numbered: Labelled = {
  image: {
    width: 3,
    height: 2,
    data: Uint8Array.from({ length: 18 }, (_, i) => 10 * (1 + Math.floor(i / 3)) + (i % 3)),
  },
  labels: {
    width: 3,
    height: 2,
    classes: Uint8Array.from([1, 2, 3, 4, 5, 6]),
    instances: Int32Array.from([10, 20, 30, 40, 50, 60]),
  },
};

test("image, classes and instances are cut alike", () => {
  const { image, labels } = cutWindow(numbered, 1, 0, 2, 2);
  expect([...labels.classes]).toEqual([2, 3, 5, 6]);
  expect([...labels.instances!]).toEqual([20, 30, 50, 60]);
  expect([...image.data]).toEqual([20, 21, 22, 30, 31, 32, 50, 51, 52, 60, 61, 62]);
  expect([image.width, image.height, labels.width, labels.height]).toEqual([2, 2, 2, 2]);
});

test("beyond the border the image is mirrored, the last pixel not repeated", () => {
  const { labels } = cutWindow(numbered, 1, 0, 6, 4);
  expect([...labels.classes]).toEqual(
    [
      [2, 3, 2, 1, 2, 3],
      [5, 6, 5, 4, 5, 6],
      [2, 3, 2, 1, 2, 3],
      [5, 6, 5, 4, 5, 6],
    ].flat(),
  );
});

test("an image of one pixel fills any rectangle", () => {
  const one: Labelled = {
    image: { width: 1, height: 1, data: Uint8Array.from([7, 8, 9]) },
    labels: { width: 1, height: 1, classes: Uint8Array.from([4]) },
  };
  expect([...cutWindow(one, 0, 0, 2, 2).labels.classes]).toEqual([4, 4, 4, 4]);
});

import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Labelled } from "../tensor/raster.ts";
import { cropAt } from "./crop.ts";

/** 3 x 2: the classes are 1 to 6, the ids ten times that, the colours a hundred. */
const sample: Labelled = {
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
  const { image, labels } = cropAt(sample, 1, 0, 2, 2);
  expect([...labels.classes]).toEqual([2, 3, 5, 6]);
  expect([...labels.instances!]).toEqual([20, 30, 50, 60]);
  expect([...image.data]).toEqual([20, 21, 22, 30, 31, 32, 50, 51, 52, 60, 61, 62]);
  expect([image.width, image.height, labels.width, labels.height]).toEqual([2, 2, 2, 2]);
});

test("beyond the border the image is mirrored, the last pixel not repeated", () => {
  const { labels } = cropAt(sample, 1, 0, 6, 4);
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
  expect([...cropAt(one, 0, 0, 2, 2).labels.classes]).toEqual([4, 4, 4, 4]);
});

test("the whole image is itself, and a rectangle outside is refused", () => {
  expect(cropAt(sample, 0, 0, 3, 2)).toBe(sample);
  expectError(
    () => cropAt(sample, 3, 0, 1, 1),
    ArgumentError,
    "cropAt: rectangle must begin inside the image of 3 x 2 and have pixels, got 1 x 1 at 3, 0",
  );
});

import { expect, test } from "vitest";
import {
  fixture,
  largestDifference,
  plain,
  sample,
} from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { scale } from "./scale.ts";

// OpenCV computes source positions in float32: a value just between two grey levels may round otherwise.
test.each(fixture.scales)(
  "scaling by $factor with border $border equals Albumentations'",
  ({ border, factor, image, mask }) => {
    const result = scale(sample, factor, border);
    expect(largestDifference(result.image.data, image)).toBeLessThanOrEqual(1);
    const unequal = image.filter((value, i) => value !== result.image.data[i]).length;
    expect(unequal / image.length).toBeLessThan(0.02);
    expect([...result.labels.classes]).toEqual([...mask]);
    expect([...result.labels.instances!]).toEqual(mask.map((value) => 7 * value));
  },
);

test("a factor of 1 changes nothing, and 0 and infinity are refused", () => {
  expect(plain(scale(sample, 1))).toEqual(plain(sample));
  for (const factor of [0, Infinity]) {
    expectError(
      () => scale(sample, factor),
      ArgumentError,
      `scale: factor must be positive and finite, got ${factor}`,
    );
  }
});

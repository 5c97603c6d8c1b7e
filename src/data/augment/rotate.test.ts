import { expect, test } from "vitest";
import { expectSame, fixture, plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { rotate } from "./rotate.ts";

test.each(fixture.rotations)(
  "rotation by $degrees with border $border equals Albumentations'",
  ({ border, degrees, ...expected }) => {
    expectSame(rotate(sample, degrees, border), expected);
  },
);

test("a rotation by 0 changes nothing, and 90 four times neither on a square", () => {
  expect(plain(rotate(sample, 0))).toEqual(plain(sample));
  const data = Uint8Array.from({ length: 75 }, (_, i) => i * 3);
  const labels = { width: 5, height: 5, classes: data.slice(0, 25).map((v) => v % 2) };
  const square = { image: { width: 5, height: 5, data }, labels };
  let turned: Labelled = square;
  for (let i = 0; i < 4; i++) turned = rotate(turned, 90);
  expect(plain(turned)).toEqual(plain(square));
});

test("mirrored borders reach into pictures smaller than the overhang", () => {
  const tiny = {
    image: { width: 1, height: 4, data: new Uint8Array(12).fill(50) },
    labels: { width: 1, height: 4, classes: Uint8Array.from([1, 1, 1, 1]) },
  };
  expect(plain(rotate(tiny, 45))).toEqual(plain(tiny));
});

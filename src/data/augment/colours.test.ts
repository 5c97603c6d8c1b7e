import { expect, test } from "vitest";
import { colours, fixture } from "../../../test/helpers/augmentationFixture.ts";
import { brightness, contrast, gamma, hue, saturation } from "./colours.ts";
import type { RgbImage } from "../../tensor/raster.ts";

/** Smallest and largest of ours minus theirs. */
function differences({ data }: RgbImage, theirs: readonly number[]): [number, number] {
  expect(data.length).toBe(theirs.length);
  const all = theirs.map((value, i) => data[i]! - value);
  return [Math.min(...all), Math.max(...all)];
}

// Albumentations drops the fraction of 8-bit results of these; ours are rounded, which darkens nothing.
test.each(fixture.brightness)("brightness $factor is Albumentations', rounded", (expected) => {
  expect(differences(brightness(colours, expected.factor), expected.image)).toEqual([0, 1]);
});
test.each(fixture.contrast)("contrast $factor is Albumentations', rounded", (expected) => {
  expect(differences(contrast(colours, expected.factor), expected.image)).toEqual([0, 1]);
});
test.each(fixture.gamma)("gamma $exponent is Albumentations', rounded", (expected) => {
  expect(differences(gamma(colours, expected.exponent), expected.image)).toEqual([0, 1]);
});

// OpenCV rounds the luminance to whole grey levels first.
test.each(fixture.saturation)("saturation $factor is Albumentations' within 1", (expected) => {
  const [least, most] = differences(saturation(colours, expected.factor), expected.image);
  expect(least).toBeGreaterThanOrEqual(-1);
  expect(most).toBeLessThanOrEqual(1);
});

test.each(fixture.hue)("hue $turns is that of Albumentations' floats within 1", (expected) => {
  const [least, most] = differences(hue(colours, expected.turns), expected.image);
  expect(least).toBeGreaterThanOrEqual(-1);
  expect(most).toBeLessThanOrEqual(1);
});

// Its 8-bit path has 180 hues and 256 saturations.
test.each(fixture.hueOf8Bits)("hue $turns is that of its 8 bits within 5", (expected) => {
  const [least, most] = differences(hue(colours, expected.turns), expected.image);
  expect(least).toBeGreaterThanOrEqual(-5);
  expect(most).toBeLessThanOrEqual(5);
});

test("neutral factors change nothing", () => {
  const all = [brightness, contrast, gamma, saturation].map((change) => change(colours, 1));
  for (const { data } of [...all, hue(colours, 0), hue(colours, 1)]) {
    expect([...data]).toEqual([...colours.data]);
  }
});

test("hues turn from red over green to blue, and greys stay", () => {
  const data = Uint8Array.from([200, 20, 20, 90, 90, 90]);
  const picture = { width: 2, height: 1, data };
  expect([...hue(picture, 1 / 3).data]).toEqual([20, 200, 20, 90, 90, 90]);
  expect([...hue(picture, -1 / 3).data]).toEqual([20, 20, 200, 90, 90, 90]);
  expect([...hue(picture, 1 / 6).data]).toEqual([200, 200, 20, 90, 90, 90]);
});

test("what leaves the range is clamped", () => {
  expect(Math.max(...brightness(colours, 3).data)).toBe(255);
  expect(Math.min(...contrast(colours, 3).data)).toBe(0);
  const { data } = saturation({ width: 1, height: 1, data: Uint8Array.from([250, 10, 10]) }, 4);
  expect([...data]).toEqual([255, 0, 0]);
});

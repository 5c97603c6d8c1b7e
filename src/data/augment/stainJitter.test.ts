import { expect, test } from "vitest";
import { colours, fixture, largestDifference } from "../../../test/helpers/augmentationFixture.ts";
import { stainJitter } from "./stainJitter.ts";

/** Without zeros, whose logarithm each library replaces in its own way. */
const positive = { ...colours, data: colours.data.map((value) => Math.max(1, value)) };

test.each(fixture.stains)(
  "stains by $alpha and $beta are those of scikit-image's conversions",
  ({ alpha, beta, image }) => {
    expect(largestDifference(stainJitter(positive, alpha, beta).data, image)).toBe(0);
  },
);

test("neutral numbers change nothing, not even black", () => {
  expect([...stainJitter(colours, [1, 1, 1], [0, 0, 0]).data]).toEqual([...colours.data]);
});

test("more haematoxylin makes a picture bluer, more eosin pinker", () => {
  const pale = { width: 1, height: 1, data: Uint8Array.from([220, 200, 215]) };
  const [red, , blue] = stainJitter(pale, [1, 1, 1], [0.5, 0, 0]).data;
  expect(blue! / red!).toBeGreaterThan(1.1);
  const pink = stainJitter(pale, [1, 1, 1], [0, 0.5, 0]).data;
  expect(pink[0]! / pink[1]!).toBeGreaterThan(1.4);
});

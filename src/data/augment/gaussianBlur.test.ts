import { expect, test } from "vitest";
import { colours, fixture } from "../../../test/helpers/augmentationFixture.ts";
import { gaussianBlur } from "./gaussianBlur.ts";

test.each(fixture.blur)("a blur of sigma $sigma equals Albumentations'", ({ sigma, image }) => {
  expect([...gaussianBlur(colours, sigma).data]).toEqual([...image]);
});

test("a sigma too small to reach a neighbour gives the same object", () => {
  expect(gaussianBlur(colours, 0.28)).toBe(colours);
});

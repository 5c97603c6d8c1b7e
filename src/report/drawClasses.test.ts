import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ShapeError } from "../base/errors.ts";
import { drawClasses } from "./drawClasses.ts";
import { classColour } from "./palette.ts";

const image = { width: 3, height: 1, data: new Uint8Array(9).fill(100) };

test("a class is half its colour and half the image; background is the image", () => {
  const { data } = drawClasses(image, { width: 3, height: 1, classes: Uint8Array.from([0, 1, 2]) });
  expect([classColour(1), classColour(2)]).toEqual(["#d55e00", "#4b2fd6"]);
  expect([...data]).toEqual([100, 100, 100, 157, 97, 50, 88, 74, 157]);
});

test("after the eighth class colours start again", () => {
  expect(classColour(9)).toBe(classColour(1));
});

test("labels of another size are refused", () => {
  expectError(
    () => drawClasses(image, { width: 1, height: 3, classes: new Uint8Array(3) }),
    ShapeError,
    "drawClasses: labels must have the image's size 3 x 1 (width x height), got 1 x 3; resize them first",
  );
});

import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ShapeError } from "../base/errors.ts";
import { drawLabels } from "./drawLabels.ts";
import { classColour, rgbOf, type Rgb } from "./palette.ts";

const [first, second] = [1, 2].map((kind) => rgbOf(classColour(kind))) as [Rgb, Rgb];

const size = { width: 5, height: 3 };
const image = { ...size, data: new Uint8Array(45) };

/** Which pixels have this colour, row by row. */
const where = (data: Uint8Array, colour: readonly number[]): string =>
  Array.from({ length: 15 }, (_, i) =>
    colour.every((value, c) => data[3 * i + c] === value) ? "x" : ".",
  )
    .join("")
    .replace(/(.{5})(?=.)/g, "$1 ");

test("outermost pixels have the colour of their class; inner ones and the frame have none", () => {
  const classes = Uint8Array.from([1, 1, 1, 2, 0, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2]);
  const { data } = drawLabels(image, { ...size, classes });
  expect(where(data, first)).toBe("..x.. ..x.. ..x..");
  expect(where(data, second)).toBe("...x. ...xx ...x.");
});

test("instances that touch are told apart", () => {
  const classes = new Uint8Array(15).fill(1);
  const instances = Int32Array.from([4, 4, 9, 9, 9, 4, 4, 9, 9, 9, 4, 4, 9, 9, 9]);
  const { data } = drawLabels(image, { ...size, classes, instances });
  expect(where(data, first)).toBe(".xx.. .xx.. .xx..");
});

test("labels of another size are refused", () => {
  const labels = { width: 3, height: 5, classes: new Uint8Array(15) };
  expectError(
    () => drawLabels(image, labels),
    ShapeError,
    "drawLabels: labels must have the image's size 5 x 3 (width x height), got 3 x 5; resize them first",
  );
});

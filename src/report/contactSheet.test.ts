import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { contactSheet } from "./contactSheet.ts";

const plain = (width: number, height: number, value: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

const reds = ({ width, height, data }: RgbImage) =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * 3]).join(" "),
  );

test("pictures fill rows in reading order, the smaller ones centred", () => {
  const sheet = contactSheet([plain(3, 1, 1), plain(1, 1, 2), plain(2, 1, 3)], {
    columns: 2,
    gap: 1,
    background: [0, 0, 0],
  });
  expect(reds(sheet)).toEqual([
    "0 0 0 0 0 0 0 0 0",
    "0 1 1 1 0 0 2 0 0",
    "0 0 0 0 0 0 0 0 0",
    "0 3 3 0 0 0 0 0 0",
    "0 0 0 0 0 0 0 0 0",
  ]);
});

test("by default all pictures stand side by side on white", () => {
  const sheet = contactSheet([plain(2, 2, 9), plain(2, 2, 8)]);
  expect([sheet.width, sheet.height]).toEqual([28, 18]);
  expect(sheet.data[0]).toBe(255);
});

test("no pictures, no columns and broken gaps are refused", () => {
  expect(() => contactSheet([])).toThrow(
    new ArgumentError("contactSheet: needs at least one image, got 0"),
  );
  expect(() => contactSheet([plain(1, 1, 0)], { columns: 0 })).toThrow(
    new ArgumentError("contactSheet: columns must be a whole number from 1, got 0"),
  );
  expect(() => contactSheet([plain(1, 1, 0)], { gap: 0.5 })).toThrow(
    new ArgumentError("contactSheet: gap must be a whole number from 0, got 0.5"),
  );
});

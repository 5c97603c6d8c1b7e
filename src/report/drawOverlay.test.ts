import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { ShapeError } from "../base/errors.ts";
import type { Mask, RgbImage } from "../tensor/raster.ts";
import { drawOverlay } from "./drawOverlay.ts";
import { agreementColour, predictionColour, truthColour, type Rgb } from "./palette.ts";

const grey = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(100),
});

/** T truth, P prediction, B both, . untouched. */
function read({ width, data }: RgbImage): string {
  const names: readonly (readonly [string, Rgb])[] = [
    ["T", truthColour],
    ["P", predictionColour],
    ["B", agreementColour],
    [".", [100, 100, 100]],
  ];
  let text = "";
  for (let i = 0; i < data.length; i += 3) {
    const found = names.find(([, colour]) => colour.every((value, c) => data[i + c] === value));
    text += found?.[0] ?? "?";
    if ((i / 3 + 1) % width === 0) text += "\n";
  }
  return text.trim();
}

const truth = drawnMask(`
  ......
  .###..
  .###..
  .###..
  ......`);
const prediction = drawnMask(`
  ......
  ......
  .#####
  .#####
  .#####`);

test("contours are drawn inside their regions, white where they coincide", () => {
  expect(read(drawOverlay(grey(6, 5), { truth, prediction }))).toBe(
    ["......", ".TTT..", ".BPBPP", ".BTT.P", ".PPPPP"].join("\n"),
  );
});

test("the image itself is left alone, and without masks copied", () => {
  const image = grey(6, 5);
  const copy = drawOverlay(image, {});
  expect(copy).toEqual(image);
  drawOverlay(image, { truth });
  expect(image).toEqual(grey(6, 5));
});

test("contours of large images are wider", () => {
  const size = 720;
  const mask: Mask = { width: size, height: size, data: new Uint8Array(size * size).fill(1) };
  const { data } = drawOverlay(grey(size, size), { prediction: mask });
  const row = Array.from({ length: 5 }, (_, x) => data[(360 * size + x) * 3]);
  expect(row).toEqual([255, 255, 255, 100, 100]);
});

test("an empty mask has no contour", () => {
  const empty = { ...truth, data: new Uint8Array(30) };
  expect(drawOverlay(grey(6, 5), { truth: empty })).toEqual(grey(6, 5));
});

test("a mask of another size is refused", () => {
  expect(() => drawOverlay(grey(5, 6), { prediction })).toThrow(
    new ShapeError(
      "drawOverlay: prediction must have the image's size 5 x 6 (width x height), got 6 x 5; resize it first",
    ),
  );
});

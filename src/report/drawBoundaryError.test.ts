import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Labels, Mask, RgbImage } from "../tensor/raster.ts";
import { defaultClip, drawBoundaryError } from "./drawBoundaryError.ts";
import {
  confusedColour,
  errorScale,
  falseColour,
  missedColour,
  mixed,
  scaleColour,
  type Rgb,
} from "./palette.ts";

const black = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});

const labels = ({ width, height, data }: Mask): Labels => ({ width, height, classes: data });

const pixel = ({ data, width }: RgbImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

const tinted = (colour: Rgb) => mixed([0, 0, 0], colour, 0.5);

const truth = drawnMask(`
  .........
  .###.....
  .###.....
  .###.....
  .........`);
const prediction = drawnMask(`
  .........
  .######..
  .######..
  .######..
  .........`);

test("a predicted border pixel has the colour of its distance to the true border", () => {
  const { image, clip, largest } = drawBoundaryError(
    black(9, 5),
    labels(truth),
    labels(prediction),
    { clip: 4 },
  );
  expect([clip, largest]).toEqual([4, 3]);
  const colours = [1, 2, 3, 4, 5, 6].map((x) => pixel(image, x, 1));
  expect(colours).toEqual(
    [0, 0, 0, 1, 2, 3].map((distance) => [...scaleColour(errorScale, distance / 4)]),
  );
});

test("beyond the clip the colour stays; the default clip is 2 % of the diagonal, at least 3 pixels", () => {
  const draw = (clip: number) =>
    drawBoundaryError(black(9, 5), labels(truth), labels(prediction), { clip }).image;
  expect(pixel(draw(2), 5, 1)).toEqual([...errorScale.at(-1)!]);
  expect(pixel(draw(2), 6, 1)).toEqual([...errorScale.at(-1)!]);
  expect(defaultClip({ width: 300, height: 400 })).toBe(10);
  expect(defaultClip({ width: 9, height: 5 })).toBe(3);
  expect(drawBoundaryError(black(9, 5), labels(truth), labels(prediction)).clip).toBe(3);
});

test("pixels that are missed, false, or of the wrong class are tinted, the rest is dim grey", () => {
  const image = { ...black(7, 5), data: new Uint8Array(105).fill(200) };
  const grey: Rgb = [110, 110, 110];
  // Inside 3 x 3 blocks: a pixel that is no border.
  const block = (kind: number): Labels => {
    const classes = new Uint8Array(35);
    for (const y of [1, 2, 3]) for (const x of [1, 2, 3]) classes[y * 7 + x] = kind;
    return { width: 7, height: 5, classes };
  };
  const tintOf = (actual: number, predicted: number) =>
    pixel(drawBoundaryError(image, block(actual), block(predicted)).image, 2, 2);
  expect(tintOf(1, 0)).toEqual([...mixed(grey, missedColour, 0.5)]);
  expect(tintOf(0, 1)).toEqual([...mixed(grey, falseColour, 0.5)]);
  expect(tintOf(1, 2)).toEqual([...mixed(grey, confusedColour, 0.5)]);
  expect(tintOf(1, 1)).toEqual([...grey]);
});

test("a class is measured to the true border of that class", () => {
  const two = (left: number, right: number): Labels => ({
    width: 8,
    height: 1,
    classes: Uint8Array.from([left, 0, 0, 0, 0, 0, 0, right]),
  });
  expect(drawBoundaryError(black(8, 1), two(1, 2), two(1, 2)).largest).toBe(0);
  expect(drawBoundaryError(black(8, 1), two(1, 2), two(2, 1)).largest).toBe(7);
});

test("of instances whole objects are tinted and named", () => {
  // Two true ones merged, one missed, one made up: 5 x 3 blocks side by side.
  const row = (ids: string): Labels => {
    const instances = Int32Array.from({ length: 5 * ids.length * 5 }, (_, i) =>
      Number(ids[Math.floor((i % (5 * ids.length)) / 5)]),
    );
    return {
      width: 5 * ids.length,
      height: 5,
      instances,
      classes: Uint8Array.from(instances, Math.sign),
    };
  };
  const { image, objects, kind } = drawBoundaryError(black(35, 5), row("1203000"), row("8800050"));
  expect(kind).toBe("instances");
  expect([objects!.merged, objects!.missed, objects!.invented]).toEqual([
    new Set([8]),
    new Set([3]),
    new Set([5]),
  ]);
  expect(pixel(image, 3, 2)).toEqual([...tinted(confusedColour)]);
  expect(pixel(image, 17, 2)).toEqual([...tinted(missedColour)]);
  expect(pixel(image, 27, 2)).toEqual([...tinted(falseColour)]);
  expect(pixel(image, 12, 2)).toEqual([0, 0, 0]);
});

test("without a truth distances are infinite, without a prediction there are none", () => {
  const nothing = labels({ ...truth, data: new Uint8Array(45) });
  const invented = drawBoundaryError(black(9, 5), nothing, labels(prediction));
  expect(invented.largest).toBe(Infinity);
  expect(pixel(invented.image, 1, 1)).toEqual([...errorScale.at(-1)!]);
  expect(drawBoundaryError(black(9, 5), labels(truth), nothing).largest).toBeNaN();
});

test("the image itself is left alone", () => {
  const image = { ...black(9, 5), data: new Uint8Array(135).fill(90) };
  drawBoundaryError(image, labels(truth), labels(prediction));
  expect(image.data).toEqual(new Uint8Array(135).fill(90));
});

test("labels of another size and a clip of nothing are refused", () => {
  expectError(
    () => drawBoundaryError(black(5, 9), labels(truth), labels(prediction)),
    ShapeError,
    "drawBoundaryError: truth must have the image's size 5 x 9 (width x height), got 9 x 5; resize it first",
  );
  expectError(
    () => drawBoundaryError(black(9, 5), labels(truth), labels(prediction), { clip: 0 }),
    ArgumentError,
    "drawBoundaryError: clip must be above 0 and finite, got 0",
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { drawnIds } from "../../test/helpers/idMaps.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { colourInstances } from "./colourInstances.ts";
import { drawInstances } from "./drawInstances.ts";
import { instanceColours, truthInstanceColour, type Rgb } from "./palette.ts";

const grey = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(100),
});

/** Digits: number of the instance's colour; T truth; . untouched. */
function read({ width, data }: RgbImage): string[] {
  const is = (i: number, colour: Rgb) => colour.every((value, c) => data[i + c] === value);
  let text = "";
  for (let i = 0; i < data.length; i += 3) {
    const k = instanceColours.findIndex((colour) => is(i, colour));
    text += k >= 0 ? `${k}` : is(i, truthInstanceColour) ? "T" : is(i, [100, 100, 100]) ? "." : "?";
  }
  return text.match(new RegExp(`.{${width}}`, "g")) ?? [];
}

test("outlines lie inside their instances, in different colours where they touch", () => {
  const { width, height, data } = drawnIds(`
    .......
    .111222
    .111222
    .111222
    .......`);
  expect(read(drawInstances(grey(width, height), data, { scale: 1 }))).toEqual([
    ".......",
    ".000111",
    // The right side of the second instance is the frame of the picture.
    ".0.01..",
    ".000111",
    ".......",
  ]);
});

test("enlarged, outlines stay one pixel wide and run along the pixels' edges", () => {
  const { width, height, data } = drawnIds(`
    ...
    .44
    .4.`);
  expect(read(drawInstances(grey(width, height), data, { scale: 3 }))).toEqual([
    ".........",
    ".........",
    ".........",
    "...000000",
    "...0.....",
    "...0.0000",
    "...0.0...",
    "...0.0...",
    "...0.0...",
  ]);
});

test("the truth is drawn under the prediction, wider where there is room", () => {
  const truth = drawnIds("... .5. ...").data;
  expect(
    read(drawInstances(grey(3, 3), new Int32Array(9), { truth, scale: 5 })).slice(5, 10),
  ).toEqual([
    ".....TTTTT.....",
    ".....TTTTT.....",
    ".....TT.TT.....",
    ".....TTTTT.....",
    ".....TTTTT.....",
  ]);
  expect(read(drawInstances(grey(3, 3), truth, { truth, scale: 5 })).slice(5, 10)).toEqual([
    ".....00000.....",
    ".....0TTT0.....",
    ".....0T.T0.....",
    ".....0TTT0.....",
    ".....00000.....",
  ]);
});

test("without a scale the picture is enlarged to at most 800 pixels, never shrunk", () => {
  const size = (width: number, height: number) => {
    const drawn = drawInstances(grey(width, height), new Int32Array(width * height));
    return [drawn.width, drawn.height, drawn.data.length / 3];
  };
  expect(size(256, 200)).toEqual([768, 600, 768 * 600]);
  expect(size(900, 2)).toEqual([900, 2, 1800]);
});

test("neighbours never share a colour while there are enough", () => {
  const maps = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(
    fc.property(maps, (values) => {
      const map = { width: 10, height: 6, data: Int32Array.from(values) };
      const colours = colourInstances(map);
      const clashes = values.filter((id, i) => {
        const right = i % 10 < 9 ? values[i + 1]! : 0;
        return id > 0 && right > 0 && id !== right && colours.get(id) === colours.get(right);
      });
      expect(clashes).toEqual([]);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("instances apart by less than the reach differ, and colours are used in turn", () => {
  const colours = colourInstances(drawnIds("1..2...3....................4"), 4);
  expect([1, 2, 3, 4].map((id) => instanceColours.indexOf(colours.get(id)!))).toEqual([0, 1, 2, 3]);
});

test("ids of another size and odd scales are refused", () => {
  expectError(
    () => drawInstances(grey(3, 2), new Int32Array(5)),
    ShapeError,
    "drawInstances: ids of 3 x 2 (width x height) must number 6, got 5; resize them first",
  );
  expectError(
    () => drawInstances(grey(3, 2), new Int32Array(6), { scale: 1.5 }),
    ArgumentError,
    "drawInstances: scale must be a whole number from 1, got 1.5",
  );
});

import { expect, test } from "vitest";
import { captioned, withLegend } from "./captioned.node.ts";
import { classColour, rgbOf } from "./palette.ts";

const image = { width: 90, height: 7, data: new Uint8Array(90 * 7 * 3).fill(77) };

test("the picture stands below a white line with dark letters", async () => {
  const { width, height, data } = await captioned(image, "hue & <more>");
  expect([width, height, data.length]).toEqual([90, 25, 90 * 25 * 3]);
  expect([...data.subarray(18 * 90 * 3)]).toEqual([...image.data]);
  const line = data.subarray(0, 18 * 90 * 3);
  expect(line[0]).toBe(255);
  expect(Math.min(...line)).toBeLessThan(150);
});

test("without text the line is white, and a long text does not widen the picture", async () => {
  const empty = (await captioned(image, "")).data.subarray(0, 18 * 90 * 3);
  expect(Math.min(...empty)).toBe(255);
  expect((await captioned(image, "x".repeat(500))).width).toBe(90);
});

test("a legend names each class beside its colour, in more lines where one is too short", async () => {
  const wide = { width: 400, height: 2, data: new Uint8Array(400 * 2 * 3).fill(77) };
  const one = await withLegend(wide, ["tumour", "<stroma>"]);
  expect([one.width, one.height]).toEqual([400, 26]);
  expect([...one.data.subarray(0, wide.data.length)]).toEqual([...wide.data]);
  const has = (picture: typeof one, colour: readonly number[]): boolean =>
    picture.data.some(
      (_, i) => i % 3 === 0 && colour.every((value, c) => picture.data[i + c] === value),
    );
  for (const kind of [1, 2]) expect(has(one, rgbOf(classColour(kind)))).toBe(true);
  expect(has(one, rgbOf(classColour(3)))).toBe(false);
  const narrow = { width: 90, height: 2, data: new Uint8Array(90 * 2 * 3) };
  expect((await withLegend(narrow, ["tumour", "stroma", "fat"])).height).toBe(62);
});

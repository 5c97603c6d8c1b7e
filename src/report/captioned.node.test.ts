import { expect, test } from "vitest";
import { captioned } from "./captioned.node.ts";

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

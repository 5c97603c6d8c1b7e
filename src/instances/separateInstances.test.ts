import { expect, test } from "vitest";
import type { FloatMap } from "../tensor/raster.ts";
import { separateInstances } from "./separateInstances.ts";

/** Two discs of radius 10 whose centres are 17 apart, so that they overlap in a neck. */
const [width, height] = [50, 30];
const inDisc = (i: number, cx: number) =>
  (Math.floor(i / width) - 14.5) ** 2 + ((i % width) - cx) ** 2 <= 100;
const foreground: FloatMap = {
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) =>
    inDisc(i, 15.5) || inDisc(i, 32.5) ? 0.9 : 0.1,
  ),
};
/** The line half way between the centres. */
const line: FloatMap = {
  width,
  height,
  data: foreground.data.map((_, i) => (i % width === 24 || i % width === 23 ? 0.8 : 0)),
};
const count = (ids: Int32Array) => new Set(ids).size - 1;
const covered = (ids: Int32Array) => ids.every((id, i) => id > 0 === foreground.data[i]! > 0.5);

test("what touches is parted along the boundary, and all of the foreground is given away", () => {
  const ids = separateInstances(foreground, line);
  expect(count(ids)).toBe(2);
  expect(covered(ids)).toBe(true);
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== 0) expect(ids[i]).toBe(i % width < 24 ? 1 : 2);
  }
});

test("without a boundary a neck parts as well; components do not", () => {
  const ids = separateInstances(foreground, undefined);
  expect(count(ids)).toBe(2);
  expect(covered(ids)).toBe(true);
  expect(count(separateInstances(foreground, line, { method: "components" }))).toBe(1);
});

test("small instances go, unless they are all rim and large enough", () => {
  const tiny: FloatMap = { width: 8, height: 3, data: new Float32Array(24) };
  for (const i of [8, 9, 12, 13, 14]) tiny.data[i] = 1;
  const rim: FloatMap = { ...tiny, data: tiny.data.slice() };
  expect([...separateInstances(tiny, rim, { minArea: 3 })].filter((id) => id > 0)).toEqual([
    1, 1, 1,
  ]);
  expect(count(separateInstances(tiny, rim, { minArea: 1 }))).toBe(2);
  expect(count(separateInstances(tiny, rim, { minArea: 6 }))).toBe(0);
});

test("an instance of a low mean probability goes, be its best pixels as sure as they may", () => {
  const unsure: FloatMap = {
    ...foreground,
    // The right disc is sure in a single row only.
    data: foreground.data.map((p, i) =>
      p > 0.5 && i % width >= 24 && Math.floor(i / width) !== 14 ? 0.7 : p,
    ),
  };
  expect(count(separateInstances(unsure, line))).toBe(1);
  expect(count(separateInstances(unsure, line, { minProbability: 0.7 }))).toBe(2);
  // A lower threshold says that less is sure: the default follows half way to 1.
  expect(count(separateInstances(unsure, line, { threshold: 0.4 }))).toBe(2);
});

test("an instance much smaller than the others goes", () => {
  const dirt: FloatMap = { ...foreground, data: foreground.data.slice() };
  for (let i = 0; i < 24; i++) dirt.data[(i % 4) * width + 45 + Math.floor(i / 8)] = 0.9;
  const all = separateInstances(dirt, line, { minRelativeArea: 0 });
  expect(count(all)).toBe(3);
  expect(count(separateInstances(dirt, line))).toBe(2);
});

test("a hole in an instance is filled, unless asked not to", () => {
  const hole: FloatMap = { ...foreground, data: foreground.data.slice() };
  for (let y = 11; y < 18; y++) for (let x = 12; x < 19; x++) hole.data[y * width + x] = 0.1;
  expect(covered(separateInstances(hole, line))).toBe(true);
  expect(separateInstances(hole, line, { fillHoles: false })[14 * width + 15]).toBe(0);
});

test("no foreground, no instance", () => {
  const none: FloatMap = { width: 4, height: 4, data: new Float32Array(16) };
  expect(count(separateInstances(none, undefined))).toBe(0);
});

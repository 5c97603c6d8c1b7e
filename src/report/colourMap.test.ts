import { expect, test } from "vitest";
import { ArgumentError, NumericError } from "../base/errors.ts";
import type { FloatMap } from "../tensor/raster.ts";
import { colourMap } from "./colourMap.ts";

const row = (...values: number[]): FloatMap => ({
  width: values.length,
  height: 1,
  data: Float32Array.from(values),
});

test("grey runs from black to white between the smallest and the largest value", () => {
  expect([...colourMap(row(-1, 0, 1), "grey").data]).toEqual([
    0, 0, 0, 128, 128, 128, 255, 255, 255,
  ]);
});

test("viridis runs from dark violet to yellow, and grows brighter all the way", () => {
  const values = Array.from({ length: 256 }, (_, i) => i / 255);
  const { data } = colourMap(row(...values));
  expect([...data.slice(0, 3)]).toEqual([68, 1, 84]);
  expect([...data.slice(-3)]).toEqual([253, 231, 37]);
  const light = values.map(
    (_, i) => 0.2126 * data[3 * i]! + 0.7152 * data[3 * i + 1]! + 0.0722 * data[3 * i + 2]!,
  );
  for (let i = 4; i < 256; i++) expect(light[i]!).toBeGreaterThan(light[i - 4]!);
});

test("with a given range values outside take the nearer end", () => {
  const { data } = colourMap(row(-5, 0.5, 7), "grey", { low: 0, high: 1 });
  expect([...data]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255]);
});

test("a map of one value is dark", () => {
  expect([...colourMap(row(3, 3), "grey").data]).toEqual([0, 0, 0, 0, 0, 0]);
});

test("values that are not finite, empty ranges and unknown scales are refused", () => {
  expect(() => colourMap({ width: 2, height: 2, data: Float32Array.of(0, 1, 2, NaN) })).toThrow(
    new NumericError("colourMap: values must be finite, got NaN at row 1, column 1"),
  );
  expect(() => colourMap(row(0, 1), "grey", { low: 1, high: 1 })).toThrow(
    new ArgumentError("colourMap: low must be below high, got 1 and 1"),
  );
  const scale: string = "jet";
  expect(() => colourMap(row(0, 1), scale as "grey")).toThrow(
    new ArgumentError('colourMap: scale must be viridis or grey, got "jet"'),
  );
});

import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import { appearanceOf, appearanceParts } from "./appearance.ts";
import { gaussianBlur } from "./augment/gaussianBlur.ts";

const [width, height] = [37, 21];
const random = Random.of(2, "appearance");
const data = Uint8Array.from({ length: width * height * 3 }, () => random.int(256));
const image = { width, height, data };
const part = (vector: readonly number[], name: string): number =>
  vector[appearanceParts.indexOf(name)]!;

test("means, deviations and detail are those of loops over all pixels", () => {
  const vector = appearanceOf(image);
  expect(vector).toHaveLength(appearanceParts.length);
  for (const [c, colour] of ["red", "green", "blue"].entries()) {
    const values = Array.from({ length: width * height }, (_, i) => data[3 * i + c]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(part(vector, `mean ${colour}`)).toBeCloseTo(Math.log(1 + mean), 12);
    expect(part(vector, `deviation ${colour}`)).toBeCloseTo(Math.log(1 + Math.sqrt(variance)), 9);
  }
  for (const side of [1, 4, 16]) {
    const [columns, rows] = [Math.floor(width / side), Math.floor(height / side)];
    const block = (bx: number, by: number): number => {
      let sum = 0;
      for (let y = by * side; y < (by + 1) * side; y++)
        for (let x = bx * side; x < (bx + 1) * side; x++)
          for (let c = 0; c < 3; c++) sum += data[3 * (y * width + x) + c]! / 3;
      return sum / side ** 2;
    };
    const steps: number[] = [];
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        if (x + 1 < columns) steps.push(Math.abs(block(x + 1, y) - block(x, y)));
        if (y + 1 < rows) steps.push(Math.abs(block(x, y + 1) - block(x, y)));
      }
    }
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    expect(part(vector, `detail at ${side}`)).toBeCloseTo(Math.log(1 + mean), 9);
  }
});

test("a blur takes fine detail and leaves the means; an even image and a single pixel have no detail", () => {
  const [before, after] = [appearanceOf(image), appearanceOf(gaussianBlur(image, 2))];
  expect(part(after, "detail at 1")).toBeLessThan(part(before, "detail at 1") - 1);
  expect(part(after, "mean red")).toBeCloseTo(part(before, "mean red"), 2);
  for (const side of [1, 40]) {
    const even = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(9) };
    const mean = Math.log(10);
    expect(appearanceOf(even)).toEqual([mean, mean, mean, 0, 0, 0, 0, 0, 0]);
  }
});

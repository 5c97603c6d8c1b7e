import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { keyPointTargets } from "./keyPointTargets.ts";

const side = 48;
/** Two masks: a rectangle with corners at (12, 16) and (36, 40), and an empty one. */
const masks = tensor(
  [2, 1, side, side],
  Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return y >= 16 && y < 40 && x >= 12 && x < 36 ? 1 : 0;
  }),
);

test("points lie on the boundary of the mask, each a disc of a 24th of the side; none in an empty one", () => {
  const { shape, data } = keyPointTargets(masks, 3);
  expect(shape).toEqual([2, 1, side, side]);
  expect(data.subarray(side * side).every((v) => v === 0)).toBe(true);
  const marked = [...data.subarray(0, side * side).keys()].filter((i) => data[i] === 1);
  // Six discs of radius 2 at most, and no disc far inside or outside.
  expect(marked.length).toBeGreaterThan(30);
  expect(marked.length).toBeLessThanOrEqual(6 * 16);
  for (const i of marked) {
    const [x, y] = [(i % side) + 0.5, Math.floor(i / side) + 0.5];
    const outside = Math.hypot(Math.max(12 - x, 0, x - 36), Math.max(16 - y, 0, y - 40));
    const inside = Math.min(x - 12, 36 - x, y - 16, 40 - y);
    expect(outside).toBeLessThan(2);
    expect(inside).toBeLessThan(2);
  }
});

test("the same seed gives the same points, another one others", () => {
  const of = (seed: number): string => keyPointTargets(masks, seed).data.join("");
  expect(of(3)).toBe(of(3));
  expect(of(3)).not.toBe(of(4));
});

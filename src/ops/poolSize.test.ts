import { expect, test } from "vitest";
import { ShapeError } from "../base/errors.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { poolSize } from "./poolSize.ts";

test.each([
  // size, kernel, stride, padding: rounded down, rounded up
  [8, 2, 2, 0, 4, 4],
  [7, 2, 2, 0, 3, 4],
  [7, 3, 2, 1, 4, 4],
  [8, 3, 2, 1, 4, 5],
  [5, 3, 1, 1, 5, 5],
  [1, 1, 1, 0, 1, 1],
  // One more window would begin behind the map: dropped.
  [3, 2, 2, 1, 2, 2],
  [5, 2, 3, 1, 2, 2],
  [4, 2, 3, 1, 2, 2],
])("size %i, kernel %i, stride %i, padding %i", (size, kernel, stride, padding, down, up) => {
  const options = { kernel, stride, padding };
  expect(poolSize([2, 3, size, 9], options, false).slice(0, 3)).toEqual([2, 3, down]);
  expect(poolSize([2, 3, 9, size], options, true)[3]).toBe(up);
});

test("other ranks and windows that do not fit are refused", () => {
  const options = { kernel: 4, stride: 4, padding: 0 };
  expectError(() => poolSize([3, 8, 8], options, false), ShapeError, "rank must be 4, got 3");
  expectError(
    () => poolSize([1, 3, 8, 3], options, false),
    ShapeError,
    "window 4 must fit the padded map, got 8 x 3",
  );
});

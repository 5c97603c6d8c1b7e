import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, elementwise } from "../../test/helpers/loops.ts";
import { mul } from "./mul.ts";
import { slice, split } from "./slice.ts";

const reference =
  (axis: number, start: number, end: number) =>
  (x: Reference): Reference =>
    build(
      x.shape.map((d, i) => (i === axis ? end - start : d)),
      (...index) => at(x, ...index.map((k, i) => (i === axis ? k + start : k))),
    );

test.each([
  { shape: [7], axis: 0, start: 2, end: 5 },
  { shape: [7], axis: 0, start: 0, end: 1 },
  { shape: [2, 3, 5], axis: 1, start: 2, end: 3 },
  { shape: [1, 3, 5, 7], axis: 3, start: 4, end: 7 },
])("a range and its gradient: %j", async ({ shape, axis, start, end }) => {
  await checkOp((x) => slice(x, axis, start, end), [shape], reference(axis, start, end));
  const fromBack = axis - shape.length;
  await checkOp((x) => slice(x, fromBack, start, end), [shape], reference(axis, start, end));
});

test("the whole range is the value itself", () => {
  const x = input("x", [2, 3]);
  expect(slice(x, 1, 0, 3)).toBe(x);
});

test("a split cuts side by side, and the gradient puts the parts together", async () => {
  const x = input("x", [2, 6]);
  expect(split(x, 1, [1, 2, 3]).map((part) => part.shape)).toEqual([
    [2, 1],
    [2, 2],
    [2, 3],
  ]);
  await checkOp(
    (v) => {
      const [a, b] = split(v, -1, [3, 3]);
      return mul(a!, b!);
    },
    [[2, 6]],
    (v) => elementwise((a, b) => a * b)(reference(1, 0, 3)(v), reference(1, 3, 6)(v)),
  );
});

test.each([
  [3, 6],
  [-1, 2],
  [2, 2],
  [3, 1],
])("the range %i..%i of 5 is refused", (start, end) => {
  expectError(
    () => slice(input("x", [2, 5]), 1, start, end),
    ShapeError,
    `slice: range must lie within 0..5, got ${start}..${end}`,
  );
});

test("sizes that do not add up to the axis are refused", () => {
  expectError(
    () => split(input("x", [2, 5]), 1, [2, 2]),
    ShapeError,
    "split: sizes must add up to 5, got 4",
  );
  expectError(() => slice(input("x", [2, 5]), 2, 0, 1), ShapeError, "axis must be in -2..1, got 2");
});
